#include "app/cli/report_command.h"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <set>

#include "domains/data/params_formats.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

size_t width_of(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

data::Value as_json(const data::Report& report) {
  data::Value out = data::Value::map();
  if (!report.error) {
    out.set("data", report.files);
    return out;
  }
  data::Value fault = data::Value::map();
  fault.set("type", data::Value::string("YAMLValidationError"));
  fault.set("msg", data::Value::string(*report.error));
  out.set("error", std::move(fault));
  return out;
}

void name_failures(const std::vector<data::Report>& reports) {
  std::vector<std::string> failed;
  for (const data::Report& report : reports) {
    if (report.failed()) failed.push_back(report.revision);
  }
  if (failed.empty()) return;
  std::cerr << "failed to load some metrics for following revisions: '" << text::join(failed, ", ") << "'.\n";
}

// A row for each revision and file, a column for each key.
void print_reports(const std::vector<data::Report>& reports, const ReportFlags& flags, bool with_revision) {
  std::set<std::string> keys;
  const auto flat_of = [](const data::Member& file) {
    const data::Value* data = file.value.find("data");
    if (data == nullptr || data->is_map()) return data::flattened(data == nullptr ? data::Value::map() : *data);
    data::Value single = data::Value::map();
    single.set("", *data);
    return single;
  };
  for (const data::Report& report : reports) {
    for (const data::Member& file : report.files.members()) {
      const data::Value flat = flat_of(file);
      for (const data::Member& member : flat.members()) keys.insert(member.key);
    }
  }
  std::vector<std::string> headers = {"Path"};
  if (with_revision) headers.insert(headers.begin(), "Revision");
  headers.insert(headers.end(), keys.begin(), keys.end());
  std::vector<std::vector<std::string>> rows;
  for (const data::Report& report : reports) {
    for (const data::Member& file : report.files.members()) {
      const data::Value flat = flat_of(file);
      std::vector<std::string> row = {file.key};
      if (with_revision) row.insert(row.begin(), report.revision);
      for (const std::string& key : keys) {
        const data::Value* found = flat.find(key);
        row.push_back(found == nullptr ? "-" : cell_of(*found, flags.precision));
      }
      rows.push_back(std::move(row));
    }
  }
  print_report_table(headers, rows, flags.markdown);
}

void print_differences(const data::Value& differences, const ReportFlags& flags, data::ReportKind kind) {
  const bool metrics = kind == data::ReportKind::kMetrics;
  std::vector<std::string> headers = {"Path", metrics ? "Metric" : "Param", flags.before, flags.after};
  if (metrics) headers.emplace_back("Change");
  if (flags.no_path) headers.erase(headers.begin());
  const auto precision = metrics ? std::optional<int>(flags.precision) : std::nullopt;
  std::vector<std::vector<std::string>> rows;
  for (const data::Member& file : differences.members()) {
    std::vector<const data::Member*> changes;
    for (const data::Member& change : file.value.members()) changes.push_back(&change);
    std::sort(changes.begin(), changes.end(), [](const auto* a, const auto* b) { return a->key < b->key; });
    for (const data::Member* change : changes) {
      std::vector<std::string> row = {file.key, change->key};
      for (const char* side : {"old", "new", "diff"}) {
        if (!metrics && std::string_view(side) == "diff") continue;
        const data::Value* value = change->value.find(side);
        row.push_back(value == nullptr || value->is_null() ? "-" : cell_of(*value, precision));
      }
      if (flags.no_path) row.erase(row.begin());
      rows.push_back(std::move(row));
    }
  }
  print_report_table(headers, rows, flags.markdown);
}

void declare_common(CLI::App& parser, ReportFlags& flags) {
  declare_data_flags(parser, flags.data);
  parser.add_flag("--json", flags.json, "Print as JSON");
  parser.add_flag("--md", flags.markdown, "Print as a table in Markdown");
}

}  // namespace

void print_report_table(const std::vector<std::string>& headers, const std::vector<std::vector<std::string>>& rows,
                        bool markdown) {
  if (rows.empty() && !markdown) return;
  std::vector<size_t> widths;
  // dvc gives headers two blanks to spare.
  for (const std::string& header : headers) widths.push_back(width_of(header) + 2);
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  const auto print = [&](const std::vector<std::string>& row) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string gap(widths[i] - width_of(row[i]), ' ');
      line += markdown ? text::concat("| ", row[i], gap, " ") : text::concat(i == 0 ? "" : "  ", row[i], gap);
    }
    if (!markdown) line = line.substr(0, line.find_last_not_of(' ') + 1);
    std::cout << line << (markdown ? "|\n" : "\n");
  };
  print(headers);
  if (markdown) {
    for (const size_t width : widths) std::cout << '|' << std::string(width + 2, '-');
    std::cout << "|\n";
  }
  for (const auto& row : rows) print(row);
  if (markdown) std::cout << '\n';
}

std::string cell_of(const data::Value& value, std::optional<int> precision) {
  if (value.is_collection()) return data::python_literal(value);
  if (value.kind() == data::Value::Kind::kBool) return value.as_bool() ? "True" : "False";
  const bool rounded = precision && value.kind() == data::Value::Kind::kFloat && std::isfinite(value.as_double());
  if (!rounded) return data::plain_text(value);
  const std::string fixed = text::format_fixed(value.as_double(), *precision);
  return text::format_double(text::parse_double(fixed).value_or(value.as_double()));
}

void declare_show(CLI::App& parser, ReportFlags& flags) {
  declare_common(parser, flags);
  parser.add_flag("-a,--all-branches", flags.options.all_branches, "Of all branches too");
  parser.add_flag("-T,--all-tags", flags.options.all_tags, "Of all tags too");
  parser.add_flag("-A,--all-commits", flags.options.all_commits, "Of all commits too");
  parser.add_flag("-R,--recursive", flags.recursive, "Folders are always searched");
  parser.add_option("--precision", flags.precision, "Digits behind the point; default: 5")->check(CLI::Range(0, 20));
  parser.add_option("targets", flags.options.targets, "Files or folders; default: all that are declared");
}

void declare_diff(CLI::App& parser, ReportFlags& flags, data::ReportKind kind) {
  declare_common(parser, flags);
  parser.add_option("--targets", flags.options.targets, "Files; default: all that are declared");
  parser.add_flag("--all", flags.with_unchanged, "What did not change too");
  parser.add_flag("--no-path", flags.no_path, "Leave out the files' names");
  if (kind == data::ReportKind::kMetrics) {
    parser.add_flag("-R,--recursive", flags.recursive, "Folders are always searched");
    parser.add_option("--precision", flags.precision, "Digits behind the point; default: 5")->check(CLI::Range(0, 20));
  } else {
    parser.add_flag("--deps", flags.options.only_dependencies, "Only what stages depend on");
  }
  parser.add_option("a_rev", flags.before, "The older revision; default: HEAD");
  parser.add_option("b_rev", flags.after, "The newer revision; default: the workspace");
}

int run_show(const ReportFlags& flags, data::ReportKind kind) {
  return run_in_repository(flags.data, {kDataError, "", false}, [&](data::Repository& repository) {
    const auto reports = data::show_reports(repository, kind, flags.options);
    name_failures(reports);
    if (!flags.json) {
      const bool others = flags.options.all_branches || flags.options.all_tags || flags.options.all_commits;
      print_reports(reports, flags, others);
      return kExitOk;
    }
    data::Value out = data::Value::map();
    for (const data::Report& report : reports) out.set(report.revision, as_json(report));
    std::cout << python_json(out, data::KeyOrder::kAsIs) << '\n';
    return kExitOk;
  });
}

int run_diff(const ReportFlags& flags, data::ReportKind kind) {
  return run_in_repository(flags.data, {kDataError, "", false}, [&](data::Repository& repository) {
    data::Value differences = data::Value::map();
    if (data::has_commits(repository)) {
      const auto before = data::read_report(repository, kind, flags.before, flags.options);
      const auto after = data::read_report(repository, kind, flags.after, flags.options);
      name_failures({before, after});
      differences = data::compare_reports(before, after, flags.with_unchanged);
    }
    if (flags.json) {
      std::cout << python_json(differences, data::KeyOrder::kAsIs) << '\n';
    } else {
      print_differences(differences, flags, kind);
    }
    return kExitOk;
  });
}

}  // namespace slipway::cli
