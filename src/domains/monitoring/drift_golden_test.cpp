// Every drift test against Evidently and SciPy. The values come from tests/golden/drift/generate.py; the columns are
// made here by the same formulas as in columns.py there, bit for bit.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "domains/monitoring/drift.h"
#include "domains/monitoring/probability.h"
#include "foundation/base/json.h"
#include "foundation/base/text.h"

namespace slipway::monitoring {
namespace {

using tables::Column;
using tables::ColumnType;
using Doubles = std::vector<double>;

struct SetShape {
  uint64_t seed;
  size_t reference_rows;
  size_t current_rows;
};

const std::map<std::string, SetShape, std::less<>>& sets() {
  static const std::map<std::string, SetShape, std::less<>> shapes = {
      {"tiny", {44, 15, 15}},    {"uneven", {55, 7, 30}},     {"small", {11, 800, 720}},
      {"edge", {33, 1000, 900}}, {"large", {22, 3000, 2700}}, {"wide", {66, 12000, 9000}}};
  return shapes;
}

Doubles uniform(uint64_t seed, size_t count) {
  Doubles out(count);
  uint64_t state = seed;
  for (double& value : out) {
    state += 0x9E3779B97F4A7C15U;
    uint64_t z = state;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    value = static_cast<double>((z ^ (z >> 31U)) >> 11U) * 0x1p-53;
  }
  return out;
}

Doubles bell(uint64_t seed, size_t count) {
  const Doubles u = uniform(seed, 4 * count);
  Doubles out(count);
  for (size_t i = 0; i < count; ++i) out[i] = u[4 * i] + u[4 * i + 1] + u[4 * i + 2] + u[4 * i + 3] - 2.0;
  return out;
}

// Builds the columns of one side of one set.
class Side {
 public:
  Side(const SetShape& shape, bool current)
      : current_(current),
        rows_(current ? shape.current_rows : shape.reference_rows),
        base_((shape.seed * 2 + (current ? 1 : 0)) * 1000) {}

  tables::Table table() {
    add_numbers();
    add_integers();
    add_holes();
    add_text();
    return std::move(table_);
  }

 private:
  Doubles u(uint64_t k) const { return uniform(base_ + k, rows_); }
  Doubles b(uint64_t k) const { return bell(base_ + k, rows_); }

  template <typename F>
  void doubles(const char* name, F&& at) {
    Column column(name, ColumnType::kDouble);
    for (size_t i = 0; i < rows_; ++i) column.append_double(at(i));
    table_.add(std::move(column));
  }
  template <typename F>
  void integers(const char* name, ColumnType type, F&& at) {
    Column column(name, type);
    for (size_t i = 0; i < rows_; ++i) column.append_integer(static_cast<int64_t>(at(i)));
    table_.add(std::move(column));
  }
  template <typename F>
  void texts(const char* name, F&& at) {
    Column column(name, ColumnType::kText);
    for (size_t i = 0; i < rows_; ++i) column.append_text(at(i));
    table_.add(std::move(column));
  }

  void add_numbers() {
    const Doubles b1 = b(1), b2 = b(2), b3 = b(3), b4 = b(4), b16 = b(16), b17 = b(17);
    doubles("num_bell", [&](size_t i) { return b1[i]; });
    doubles("num_shift", [&](size_t i) { return current_ ? b2[i] * 1.2 + 0.3 : b2[i]; });
    doubles("num_skew", [&](size_t i) {
      const double s = b3[i] + 2.0;
      return s * s * s * (current_ ? 1.1 : 1.0);
    });
    doubles("num_round", [&](size_t i) { return std::floor(b4[i] * 10.0 + 0.5) / 10.0; });
    doubles("num_constant", [](size_t) { return 3.5; });
    doubles("num_far", [&](size_t i) { return b16[i] + (current_ ? 50.0 : 0.0); });
    doubles("num_minute", [&](size_t i) { return b17[i] * 1e-5 + (current_ ? 1e-5 : 0.0); });
  }

  void add_integers() {
    const Doubles u5 = u(5), u6 = u(6), u7 = u(7), u8 = u(8), u9 = u(9), u10 = u(10), u25 = u(25);
    integers("int_few", ColumnType::kInteger, [&](size_t i) { return std::floor(u5[i] * 4.0); });
    integers("int_bin", ColumnType::kInteger, [&](size_t i) { return u6[i] < (current_ ? 0.35 : 0.3); });
    integers("int_20", ColumnType::kInteger, [&](size_t i) { return std::floor(u7[i] * 20.0); });
    integers("int_21", ColumnType::kInteger, [&](size_t i) { return std::floor(u8[i] * 21.0); });
    integers("int_100", ColumnType::kInteger,
             [&](size_t i) { return std::floor(u9[i] * (current_ ? u10[i] : 1.0) * 100.0); });
    integers("flag", ColumnType::kBoolean, [&](size_t i) { return u25[i] < (current_ ? 0.6 : 0.5); });
  }

  void add_holes() {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const Doubles b11 = b(11), u12 = u(12), b13 = b(13), u14 = u(14), u15 = u(15);
    doubles("num_missing", [&](size_t i) { return u12[i] < (current_ ? 0.2 : 0.1) ? std::nan("") : b11[i]; });
    doubles("num_infinite", [&](size_t i) {
      return u15[i] < 0.01 ? -kInfinity : u14[i] < 0.01 ? kInfinity : b13[i] + 0.1;
    });
  }

  static std::string pick(const Doubles& shares, const std::vector<std::string>& names, double u) {
    double total = 0;
    for (size_t i = 0; i < shares.size(); ++i) {
      total += shares[i];
      if (u < total) return names[i];
    }
    return names[shares.size() - 1];
  }

  void add_text() {
    const std::vector<std::string> letters = {"alpha", "beta", "gamma", "delta", "eps"};
    const Doubles u18 = u(18), u19 = u(19), u20 = u(20), u21 = u(21), u22 = u(22), u23 = u(23), u24 = u(24);
    texts("cat_low", [&](size_t i) {
      return pick(current_ ? Doubles{.35, .3, .2, .1, .05} : Doubles{.4, .3, .15, .1, .05}, letters, u18[i]);
    });
    texts("cat_new", [&](size_t i) {
      return pick(current_ ? Doubles{.5, .3, .15, .05} : Doubles{.5, .3, .2}, {"a", "b", "c", "new"}, u19[i]);
    });
    texts("cat_binary", [&](size_t i) {
      return pick(current_ ? Doubles{.45, .55} : Doubles{.5, .5}, {"no", "yes"}, u20[i]);
    });
    texts("cat_high",
          [&](size_t i) { return "k" + std::to_string(static_cast<int>(std::floor(u21[i] * u21[i] * 300.0))); });
    texts("cat_constant", [](size_t) { return "same"; });
    texts("cat_strange", [&](size_t i) { return pick({.3, .4, .3}, {"", "x", "\xC3\xA9\xE4\xB8\xAD"}, u24[i]); });
    Column column("cat_missing", ColumnType::kText);
    for (size_t i = 0; i < rows_; ++i) {
      if (u23[i] < 0.15) {
        column.append_missing();
      } else {
        column.append_text(pick({.5, .3, .2}, letters, u22[i]));
      }
    }
    table_.add(std::move(column));
  }

  bool current_;
  size_t rows_;
  uint64_t base_;
  tables::Table table_;
};

const json::object& golden() {
  static const json::value document = json::parse_file(SLIPWAY_SOURCE_DIR "/tests/golden/drift/drift.json");
  return document.as_object();
}

// SciPy's Bessel function, of which its Cramér-von Mises P is made, is off by eight units in the last place (against 40
// digits of an arbitrary-precision library; ours is not).
constexpr double kBesselRounding = 2e-15;

double number_of(const json::value& value) {
  return value.is_string() ? *text::parse_double(std::string(value.as_string())) : value.to_number<double>();
}

// Nine digits, relative, and for a score that the reference tool computes as 1 - P the rounding of that P.
::testing::AssertionResult agrees(double ours, double theirs, double rounding) {
  if (std::isnan(ours) && std::isnan(theirs)) return ::testing::AssertionSuccess();
  const double off = std::abs(ours - theirs);
  // Below the range of full precision a p-value is as good as zero.
  if (off <= 1e-9 * std::abs(theirs) || off <= std::max(rounding, 1e-300)) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "ours " << text::format_double(ours) << ", golden "
                                       << text::format_double(theirs);
}

void expect_scores(const ColumnSample& reference, const ColumnSample& current, const json::object& entry,
                   FeatureType type, const std::string& where) {
  DriftConfig config;
  config.types[reference.name] = type;
  const ColumnDrift by_default = detect_column_drift(reference, current, config);
  ASSERT_NE(by_default.method, nullptr) << where;
  EXPECT_EQ(by_default.method->name, json::get_string(entry, "default")) << where;
  EXPECT_EQ(by_default.threshold, json::get_double(entry, "threshold")) << where;
  for (const auto& item : json::get_object(entry, "scores")) {
    const std::string method(item.key());
    config.all.method = method;
    const ColumnDrift ours = detect_column_drift(reference, current, config);
    const double rounding = method == "z" ? 1e-15 : method == "cramer_von_mises" ? kBesselRounding : 0.0;
    EXPECT_TRUE(agrees(ours.score, number_of(item.value().as_array()[0]), rounding)) << where << " " << method;
    EXPECT_EQ(ours.drifted, item.value().as_array()[1].as_bool()) << where << " " << method;
  }
}

class DriftGolden : public ::testing::TestWithParam<std::string> {};

TEST_P(DriftGolden, EveryScoreVerdictTypeAndDefaultIsTheReferenceTools) {
  const SetShape& shape = sets().at(GetParam());
  const SampledTable reference(Side(shape, false).table());
  const SampledTable current(Side(shape, true).table());
  const json::object& columns = json::get_object(json::get_object(golden(), "sets"), GetParam());
  ASSERT_EQ(columns.size(), reference.columns().size());
  for (const auto& item : columns) {
    const std::string name(item.key());
    const ColumnSample* r = reference.find(name);
    const ColumnSample* c = current.find(name);
    ASSERT_TRUE(r != nullptr && c != nullptr) << name;
    const json::object& entry = item.value().as_object();
    EXPECT_EQ(name_of(infer_feature_type(*c)).substr(0, 3), json::get_string(entry, "inferred").substr(0, 3)) << name;
    for (const FeatureType type : {FeatureType::kNumerical, FeatureType::kCategorical}) {
      const json::value* wanted = json::find(entry, name_of(type).substr(0, 3));
      if (wanted != nullptr) {
        expect_scores(*r, *c, wanted->as_object(), type, GetParam() + " " + name + " as " + std::string(name_of(type)));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sets, DriftGolden, ::testing::Values("tiny", "uneven", "small", "edge", "large", "wide"),
                         [](const auto& test) { return test.param; });

TEST(DriftGoldenReport, AWholeReportHasTheSameValues) {
  const SetShape& shape = sets().at("small");
  const DriftReport report = detect_drift(Side(shape, false).table(), Side(shape, true).table(), DriftConfig{});
  for (const auto& item : json::get_object(golden(), "report")) {
    const ColumnDrift* ours = report.find(std::string(item.key()));
    ASSERT_NE(ours, nullptr) << item.key();
    EXPECT_TRUE(agrees(ours->score, number_of(item.value().as_array()[0]), ours->method->name == "z" ? 1e-15 : 0.0))
        << item.key();
  }
}

TEST(DriftGoldenReport, TheKolmogorovDistributionAgreesInEveryBranch) {
  for (const json::value& item : json::get_array(golden(), "kolmogorov")) {
    const json::array& row = item.as_array();
    const double ours = kolmogorov_survival(row[0].to_number<int64_t>(), row[1].to_number<double>());
    // The reference computes 1 - P(D <= d) there, so near one only the difference from one means anything.
    EXPECT_TRUE(agrees(ours, row[2].to_number<double>(), 1e-15)) << "n " << row[0] << " distance " << row[1];
  }
}

}  // namespace
}  // namespace slipway::monitoring
