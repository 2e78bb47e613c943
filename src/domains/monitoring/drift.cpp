#include "domains/monitoring/drift.h"

#include <algorithm>
#include <numeric>

#include "foundation/base/error.h"
#include "foundation/tables/parallel.h"

namespace slipway::monitoring {

namespace {

constexpr size_t kPictureBars = 20;

template <typename T>
std::optional<T> first_of(const std::optional<T>& a, const std::optional<T>& b, const std::optional<T>& c) {
  return a ? a : b ? b : c;
}

DriftChoice choice_for(const DriftConfig& config, const std::string& column, FeatureType type) {
  const auto own = config.per_column.find(column);
  const DriftChoice& mine = own == config.per_column.end() ? DriftChoice{} : own->second;
  const DriftChoice& kind = type == FeatureType::kNumerical ? config.numerical : config.categorical;
  DriftChoice out;
  out.method = first_of(mine.method, kind.method, config.all.method);
  out.threshold = first_of(mine.threshold, kind.threshold, config.all.threshold);
  return out;
}

FeatureType feature_type(const ColumnSample& sample, const DriftConfig& config) {
  const auto configured = config.types.find(sample.name);
  return configured == config.types.end() ? infer_feature_type(sample) : configured->second;
}

size_t distinct_of_both(const ColumnSample& reference, const ColumnSample& current) {
  // More than a handful is all the same to the choice of a method.
  if (std::max(reference.distinct, current.distinct) > kPictureBars)
    return std::max(reference.distinct, current.distinct);
  return count_values(reference, current).reference.size();
}

NumericPair numbers_of(const ColumnSample& reference, const ColumnSample& current) {
  NumericPair pair;
  pair.reference = reference.sorted;
  pair.current = current.sorted;
  pair.whole_numbers =
      reference.stored == tables::ColumnType::kInteger && current.stored == tables::ColumnType::kInteger;
  return pair;
}

// What people look at: the most frequent categories, the rest as one.
CountPair most_frequent(const CountPair& all) {
  if (all.reference.size() <= kPictureBars) return all;
  std::vector<size_t> order(all.reference.size());
  std::iota(order.begin(), order.end(), 0);
  const auto weight = [&](size_t i) { return all.reference[i] + all.current[i]; };
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return weight(a) > weight(b); });
  CountPair out;
  for (size_t i = 0; i < order.size(); ++i) {
    if (i < kPictureBars) {
      out.labels.push_back(i + 1 < kPictureBars ? all.labels[order[i]] : "others");
      out.reference.push_back(0);
      out.current.push_back(0);
    }
    out.reference.back() += all.reference[order[i]];
    out.current.back() += all.current[order[i]];
  }
  return out;
}

// Neighbouring bins as one, so that at most twenty are left.
CountPair neighbours_merged(const CountPair& all) {
  const size_t together = (all.reference.size() + kPictureBars - 1) / kPictureBars;
  if (together <= 1) return all;
  CountPair out;
  for (size_t i = 0; i < all.reference.size(); ++i) {
    if (i % together == 0) {
      out.labels.push_back(all.labels[i]);
      out.reference.push_back(0);
      out.current.push_back(0);
    }
    out.reference.back() += all.reference[i];
    out.current.back() += all.current[i];
  }
  return out;
}

ColumnDrift without_method(ColumnDrift out, bool drifted, std::string note) {
  out.score = drifted ? 1 : 0;
  out.threshold = 1;
  out.drifted = drifted;
  out.note = std::move(note);
  return out;
}

double score_of(const ColumnSample& reference, const ColumnSample& current, FeatureType type, const DriftMethod& method,
                CountPair& picture) {
  const bool numerical = type == FeatureType::kNumerical;
  if (numerical ? method.numerical == nullptr : method.categorical == nullptr) {
    throw invalid_argument("drift method '", method.name, "' is not for ", name_of(type), " column '", reference.name,
                           "'");
  }
  if (numerical) {
    const NumericPair pair = numbers_of(reference, current);
    picture = neighbours_merged(count_bins(pair, reference.distinct));
    return method.numerical(pair, reference.distinct);
  }
  const CountPair counts = count_values(reference, current);
  picture = most_frequent(counts);
  return method.categorical(counts);
}

bool wanted(const std::string& name, const DriftConfig& config) {
  const auto has = [&](const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  return (config.columns.empty() || has(config.columns)) && !has(config.ignore);
}

void check_names(const SampledTable& reference, const SampledTable& current, const DriftConfig& config) {
  for (const std::string& name : config.columns) {
    if (reference.find(name) == nullptr) throw invalid_argument("the reference has no column '", name, "'");
    if (current.find(name) == nullptr) throw invalid_argument("the current data has no column '", name, "'");
  }
}

// Why a column takes no part, or "".
std::string reason_to_skip(const ColumnSample& reference, const ColumnSample* current, const DriftConfig& config) {
  const FeatureType type = feature_type(current == nullptr ? reference : *current, config);
  if (type == FeatureType::kTime) return "a time";
  if (type == FeatureType::kText) return "free text";
  return reference.present == 0 && (current == nullptr || current->present == 0) ? "no values on either side" : "";
}

// A column that vanished, or goes by another name now, is the worst drift there is.
ColumnDrift vanished(const ColumnSample& reference, const DriftConfig& config) {
  ColumnDrift out;
  out.name = reference.name;
  out.type = feature_type(reference, config);
  out.reference_missing_share = reference.missing_share();
  out.current_missing_share = 1;
  return without_method(std::move(out), true, "not in the current data");
}

void note_new_columns(const SampledTable& reference, const SampledTable& current, const DriftConfig& config,
                      DriftReport& report) {
  for (const ColumnSample& column : current.columns()) {
    if (wanted(column.name, config) && reference.find(column.name) == nullptr) {
      report.skipped.push_back(column.name + ": not in the reference");
    }
  }
}

std::string names_of(const tables::Table& table) {
  std::vector<std::string> names;
  for (const tables::Column& column : table.columns()) names.push_back(column.name());
  return names.empty() ? "no columns" : text::join(names, ", ");
}

void check_common_columns(const tables::Table& reference, const tables::Table& current) {
  for (const tables::Column& column : reference.columns()) {
    if (current.find(column.name()) != nullptr) return;
  }
  throw invalid_argument("the two tables have no column in common: the reference has ", names_of(reference),
                         ", the current data has ", names_of(current));
}

}  // namespace

const ColumnDrift* DriftReport::find(std::string_view name) const {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const ColumnDrift& column) { return column.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

SampledTable::SampledTable(const tables::Table& table, const std::vector<std::string>& columns, Progress* progress)
    : rows_(table.rows()) {
  std::vector<const tables::Column*> sources;
  for (const tables::Column& column : table.columns()) {
    if (columns.empty() || std::find(columns.begin(), columns.end(), column.name()) != columns.end())
      sources.push_back(&column);
  }
  columns_.resize(sources.size());
  tables::for_each_parallel(
      sources.size(), [&](size_t i) { columns_[i] = make_sample(*sources[i]); }, progress);
}

const ColumnSample* SampledTable::find(std::string_view name) const {
  const auto found =
      std::find_if(columns_.begin(), columns_.end(), [&](const ColumnSample& column) { return column.name == name; });
  return found == columns_.end() ? nullptr : &*found;
}

ColumnDrift detect_column_drift(const ColumnSample& reference, const ColumnSample& current, const DriftConfig& config) {
  ColumnDrift out;
  out.name = reference.name;
  out.type = feature_type(current, config);
  out.reference_missing_share = reference.missing_share();
  out.current_missing_share = current.missing_share();
  const bool text1 = reference.stored == tables::ColumnType::kText;
  const bool text2 = current.stored == tables::ColumnType::kText;
  if (reference.present == 0 || current.present == 0) {
    const bool both = reference.present == current.present;
    return without_method(std::move(out), !both,
                          reference.present == 0 ? "no values in the reference" : "no values in the current data");
  }
  if (text1 != text2 || (text2 && out.type == FeatureType::kNumerical)) {
    return without_method(std::move(out), true,
                          text::concat("stored as ", name_of(reference.stored), " in the reference, as ",
                                       name_of(current.stored), " in the current data"));
  }
  const DriftChoice choice = choice_for(config, out.name, out.type);
  out.method = choice.method ? &get_drift_method(*choice.method)
                             : &default_drift_method(out.type, reference.present, distinct_of_both(reference, current));
  out.threshold = choice.threshold.value_or(out.method->threshold);
  // A default test for few distinct numbers may be one for categories: it takes each value as one.
  out.score = score_of(reference, current, out.type, *out.method, out.counts);
  out.drifted = out.method->drifted(out.score, out.threshold);
  return out;
}

DriftReport detect_drift(const SampledTable& reference, const SampledTable& current, const DriftConfig& config) {
  check_names(reference, current, config);
  DriftReport report;
  report.reference_rows = reference.rows();
  report.current_rows = current.rows();
  report.share_threshold = config.share;
  std::vector<std::pair<const ColumnSample*, const ColumnSample*>> pairs;
  for (const ColumnSample& column : reference.columns()) {
    if (!wanted(column.name, config)) continue;
    const ColumnSample* other = current.find(column.name);
    const std::string reason = reason_to_skip(column, other, config);
    if (reason.empty()) {
      pairs.emplace_back(&column, other);
    } else {
      report.skipped.push_back(column.name + ": " + reason);
    }
  }
  note_new_columns(reference, current, config, report);
  report.columns.resize(pairs.size());
  tables::for_each_parallel(pairs.size(), [&](size_t i) {
    const auto& [before, now] = pairs[i];
    report.columns[i] = now == nullptr ? vanished(*before, config) : detect_column_drift(*before, *now, config);
  });
  for (const ColumnDrift& column : report.columns) report.drifted_columns += column.drifted ? 1 : 0;
  if (!report.columns.empty()) {
    report.share = static_cast<double>(report.drifted_columns) / static_cast<double>(report.columns.size());
    report.drifted = report.share >= config.share;
  }
  return report;
}

DriftReport detect_drift(const tables::Table& reference, const tables::Table& current, const DriftConfig& config,
                         Progress* progress) {
  check_common_columns(reference, current);
  const SampledTable before(reference, config.columns, progress);
  DriftReport report = detect_drift(before, SampledTable(current, config.columns, progress), config);
  if (report.columns.empty()) {
    throw invalid_argument("no column can be compared: ", text::join(report.skipped, "; "));
  }
  return report;
}

}  // namespace slipway::monitoring
