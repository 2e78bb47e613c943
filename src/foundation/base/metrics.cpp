#include "foundation/base/metrics.h"

#include <algorithm>
#include <cmath>

#include "foundation/base/text.h"

namespace slipway::metrics {

namespace {

std::string label_text(const Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (!out.empty()) out.push_back(',');
    out.append(name).append("=\"");
    for (const char c : value) {
      if (c == '\n') {
        out.append("\\n");
        continue;
      }
      if (c == '\\' || c == '"') out.push_back('\\');
      out.push_back(c);
    }
    out.push_back('"');
  }
  return out;
}

std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  if (std::trunc(value) == value && std::fabs(value) < 1e15) return std::to_string(static_cast<int64_t>(value));
  return text::format_double(value);
}

void append_sample(std::string& out, std::string_view name, std::string_view suffix, const std::string& labels,
                   const std::string& value) {
  out.append(name).append(suffix);
  if (!labels.empty()) out.append("{").append(labels).append("}");
  out.append(" ").append(value).append("\n");
}

void append_histogram(std::string& out, std::string_view name, const std::string& labels, const Histogram& histogram) {
  const std::string prefix = labels.empty() ? "" : labels + ",";
  uint64_t total = 0;
  for (size_t i = 0; i <= Histogram::kBounds.size(); ++i) {
    total += histogram.bucket(i);
    const std::string bound = i < Histogram::kBounds.size() ? number_text(Histogram::kBounds[i]) : "+Inf";
    append_sample(out, name, "_bucket", text::concat(prefix, "le=\"", bound, "\""), std::to_string(total));
  }
  append_sample(out, name, "_sum", labels, number_text(histogram.sum()));
  append_sample(out, name, "_count", labels, std::to_string(total));
}

}  // namespace

void Histogram::observe(double seconds) {
  const auto at = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  buckets_[static_cast<size_t>(at - kBounds.begin())].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(seconds, std::memory_order_relaxed);
}

Registry::Family& Registry::family(std::string_view name, std::string_view help, std::string_view kind) {
  Family& found = families_[std::string(name)];
  if (found.kind.empty()) {
    found.help = help;
    found.kind = kind;
  }
  return found;
}

Counter& Registry::counter(std::string_view name, std::string_view help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  auto& series = family(name, help, "counter").counters[label_text(labels)];
  if (!series) series = std::make_unique<Counter>();
  return *series;
}

Gauge& Registry::gauge(std::string_view name, std::string_view help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  auto& series = family(name, help, "gauge").gauges[label_text(labels)];
  if (!series) series = std::make_unique<Gauge>();
  return *series;
}

Histogram& Registry::histogram(std::string_view name, std::string_view help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  auto& series = family(name, help, "histogram").histograms[label_text(labels)];
  if (!series) series = std::make_unique<Histogram>();
  return *series;
}

void Registry::remove(std::string_view name, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  const auto found = families_.find(name);
  if (found != families_.end()) found->second.gauges.erase(label_text(labels));
}

std::string Registry::expose() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, one] : families_) {
    out.append("# HELP ").append(name).append(" ").append(one.help).append("\n");
    out.append("# TYPE ").append(name).append(" ").append(one.kind).append("\n");
    for (const auto& [labels, series] : one.counters)
      append_sample(out, name, "", labels, number_text(series->value()));
    for (const auto& [labels, series] : one.gauges) append_sample(out, name, "", labels, number_text(series->value()));
    for (const auto& [labels, series] : one.histograms) append_histogram(out, name, labels, *series);
  }
  return out;
}

}  // namespace slipway::metrics
