#include "app/server/story.h"

#include <algorithm>
#include <cmath>

#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "foundation/html/page.h"

namespace slipway::server {

namespace {

constexpr int kMaxEvents = 1000;
constexpr size_t kMaxWindows = 200;

std::string attribute(const jobs::Event& event, const std::string& name) {
  const auto found = event.attributes.find(name);
  return found == event.attributes.end() ? "" : found->second;
}

std::string short_number(double value) { return std::isnan(value) ? "-" : text::format_fixed(value, 4); }

std::string day(int64_t time_ms) { return text::format_time_ms(time_ms).substr(0, 10); }

// The metrics of the run that a version came from that a reader wants to see first.
std::string run_metrics(tracking::Tracking& tracking, const std::string& run_id) {
  if (run_id.empty()) return "";
  std::string out;
  const tracking::Run run = tracking.get_run(tracking::RunId(run_id));
  for (const std::string_view wanted : {"validation_auc", "auc", "validation_log_loss", "log_loss"}) {
    for (const tracking::Metric& metric : run.metrics) {
      if (metric.key == wanted)
        out.append(text::concat(out.empty() ? "" : ", ", metric.key, " ", short_number(metric.value)));
    }
  }
  return out;
}

std::string tag_of(const registry::ModelVersion& version, std::string_view key) {
  for (const auto& tag : version.tags) {
    if (tag.key == key) return tag.value;
  }
  return "";
}

void add_versions(const StorySources& sources, const std::string& model, std::vector<StoryLine>& out) {
  tracking::Search search;
  search.filter = text::concat("name = '", text::replace_all(model, "'", "''"), "'");
  search.max_results = 1000;
  for (const auto& version : sources.registry.search_versions(search).items) {
    StoryLine line;
    line.time_ms = version.created_ms;
    line.what = "registered";
    line.subject = text::concat("version ", version.version);
    line.detail = run_metrics(sources.tracking, version.run_id);
    const std::string data = tag_of(version, "slipway.data_commit");
    if (!data.empty()) line.detail.append(text::concat(line.detail.empty() ? "" : ", ", "data ", data.substr(0, 12)));
    line.tone = "neutral";
    out.push_back(std::move(line));
  }
}

void add_events(const StorySources& sources, const std::string& model, std::vector<StoryLine>& out) {
  int64_t after = 0;
  while (true) {
    const auto page = sources.audit.list("", after, kMaxEvents);
    if (page.empty()) return;
    after = page.back().sequence;
    for (const auto& [sequence, event] : page) {
      StoryLine line;
      line.time_ms = event.time_ms;
      line.tone = "neutral";
      if (event.kind == "stage.finished" && attribute(event, "outcome") != "skipped") {
        line.what = attribute(event, "outcome");
        line.subject = text::concat("stage ", event.subject);
        line.detail = attribute(event, "detail");
        line.duration_ms = text::parse_int(attribute(event, "duration_ms")).value_or(-1);
        line.tone = line.what == "failed" ? "bad" : "neutral";
      } else if (event.kind == "model_version.aliased" && attribute(event, "name") == model) {
        line.what = "aliased";
        line.subject = text::concat("version ", attribute(event, "version"));
        line.detail = text::concat("@", attribute(event, "alias"));
      } else if (event.kind == "monitor.alert_fired" && attribute(event, "model") == model) {
        line.what = "alert";
        line.subject = attribute(event, "rule");
        line.detail = text::concat("value ", short_number(text::parse_double(attribute(event, "value")).value_or(NAN)),
                                   ", threshold ", attribute(event, "threshold"), ", window to ",
                                   day(text::parse_time_ms(attribute(event, "window_end")).value_or(0)));
        line.tone = "warning";
      } else {
        continue;
      }
      out.push_back(std::move(line));
    }
  }
}

void add_decisions(const StorySources& sources, const std::string& model, std::vector<StoryLine>& out) {
  for (const auto& decision : sources.promotions.list(model, kMaxEvents)) {
    StoryLine line;
    line.time_ms = decision.time_ms;
    line.what = std::string(governance::name_of(decision.verdict));
    line.subject = text::concat("version ", decision.challenger_version,
                                decision.champion_version.empty() ? "" : " against " + decision.champion_version);
    line.detail = decision.reason;
    line.tone = decision.verdict == governance::Verdict::kPromoted ? "good" : "bad";
    out.push_back(std::move(line));
  }
}

void add_windows(const StorySources& sources, const std::string& model, std::vector<StoryLine>& out) {
  for (const auto& monitor : sources.monitors.list()) {
    if (monitor.model != model) continue;
    for (const auto& window : sources.monitors.list_windows(monitor.name, kMaxWindows)) {
      StoryLine line;
      line.time_ms = window.evaluated_ms;
      line.what = window.drifted ? "drifted" : "monitored";
      line.subject = text::concat("window ", day(window.start_ms), " to ", day(window.end_ms));
      line.detail =
          text::concat(window.rows, " rows, drift share ", text::format_fixed(window.drift_share, 2), ", AUC ",
                       short_number(window.performance.auc), ", log loss ", short_number(window.performance.log_loss),
                       ", labels ", text::format_fixed(window.label_coverage() * 100, 0), " %");
      line.tone = window.drifted ? "warning" : "neutral";
      out.push_back(std::move(line));
    }
  }
}

void add_pipeline_runs(const StorySources& sources, std::vector<StoryLine>& out) {
  for (const auto& run : sources.pipelines.list_runs("", kMaxEvents)) {
    StoryLine line;
    line.time_ms = run.ended_ms == 0 ? run.created_ms : run.ended_ms;
    line.what = text::concat("pipeline ", pipelines::name_of(run.state));
    line.subject = run.pipeline;
    line.detail = run.message.empty() ? run.trigger : text::concat(run.trigger, ": ", run.message);
    line.duration_ms = run.ended_ms == 0 ? -1 : run.ended_ms - run.started_ms;
    const bool is_bad = run.state == pipelines::RunState::kFailed || run.state == pipelines::RunState::kRefused;
    line.tone = is_bad ? "bad" : "neutral";
    out.push_back(std::move(line));
  }
}

html::Markup story_table(const std::vector<StoryLine>& story) {
  std::vector<std::vector<html::Markup>> rows;
  for (const StoryLine& line : story) {
    rows.push_back({html::escaped(text::format_time_ms(line.time_ms).substr(11, 8)), html::badge(line.what, line.tone),
                    html::escaped(line.subject), html::escaped(line.detail),
                    html::escaped(line.duration_ms < 0 ? "" : text::format_duration_ms(line.duration_ms))});
  }
  return html::table({"time (UTC)", "what", "subject", "numbers and reasons", "took"}, rows);
}

// What else there is of the model, and the way back.
html::Markup links_of(const StorySources& sources, const std::string& model) {
  html::Markup out{"<p>"};
  out += html::link(sources.home, "All models");
  for (const auto& monitor : sources.monitors.list()) {
    if (monitor.model != model) continue;
    out += html::Markup{" \u00b7 "};
    out += html::link(text::concat("/api/slipway/v1/monitors/", http::percent_encode(monitor.name), "/report"),
                      "Monitor " + monitor.name);
  }
  return out + html::Markup{"</p>\n"};
}

json::array encode(const std::vector<StoryLine>& story) {
  json::array out;
  for (const StoryLine& line : story) {
    out.emplace_back(
        json::object{{"time_ms", line.time_ms},
                     {"what", line.what},
                     {"subject", line.subject},
                     {"detail", line.detail},
                     {"tone", line.tone},
                     {"duration_ms", line.duration_ms < 0 ? json::value(nullptr) : json::value(line.duration_ms)}});
  }
  return out;
}

}  // namespace

std::vector<StoryLine> story_of(StorySources sources, const std::string& model) {
  sources.registry.get_model(model);
  std::vector<StoryLine> out;
  add_versions(sources, model, out);
  add_events(sources, model, out);
  add_decisions(sources, model, out);
  add_windows(sources, model, out);
  add_pipeline_runs(sources, out);
  std::stable_sort(out.begin(), out.end(),
                   [](const StoryLine& a, const StoryLine& b) { return a.time_ms < b.time_ms; });
  return out;
}

std::vector<http::Route> story_routes(StorySources sources) {
  return {
      {"GET", "/api/slipway/v1/models/{name}/story",
       [sources](http::Request& request) {
         const std::string name(request.parameter("name"));
         return http::Response::json(
             200, json::write(json::object{{"model", name}, {"story", encode(story_of(sources, name))}}));
       },
       "governance.read", "What happened to a model, oldest first"},
      {"GET", "/story/{name}",
       [sources](http::Request& request) {
         const std::string name(request.parameter("name"));
         return http::Response::html(
             200, html::page("The story of " + name, links_of(sources, name) + story_table(story_of(sources, name))));
       },
       "governance.read", "The same as a page"},
  };
}

}  // namespace slipway::server
