#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <limits>

#include "foundation/base/blocking.h"
#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/hash.h"
#include "foundation/base/id.h"
#include "foundation/base/json.h"
#include "foundation/base/metrics.h"
#include "foundation/base/process.h"
#include "foundation/base/settings.h"

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Text, NumbersReadOnlyWhenTheWholeTextIsOne) {
  EXPECT_EQ(text::parse_int("-42"), -42);
  EXPECT_EQ(text::parse_int("+7"), 7);
  for (const char* bad : {"", "+", "+-3", "4 ", " 4", "4.0", "99999999999999999999", "0x10"}) {
    EXPECT_FALSE(text::parse_int(bad)) << bad;
  }
  EXPECT_EQ(text::parse_double("1e-3"), 0.001);
  EXPECT_TRUE(std::isnan(*text::parse_double("NaN")));
  EXPECT_FALSE(text::parse_double("1.5x"));
}

TEST(Text, DoublesPrintAsPythonPrintsThemAndReadBackTheSame) {
  EXPECT_EQ(text::format_double(0.1), "0.1");
  EXPECT_EQ(text::format_double(100), "100.0");
  EXPECT_EQ(text::format_double(1e-5), "1e-05");
  EXPECT_EQ(text::format_double(1e16), "1e+16");
  EXPECT_EQ(text::format_double(-0.0), "-0.0");
  SeededIdSource source(7);
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t bits = source.next_u64();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (std::isnan(value)) continue;
    EXPECT_EQ(text::parse_double(text::format_double(value)), value);
  }
}

TEST(Text, TimesAreReadInTheFormsThatClientsSend) {
  EXPECT_EQ(text::parse_time_ms("1970-01-02"), 86'400'000);
  EXPECT_EQ(text::parse_time_ms("2013-01-01T10:00:00Z"), 1'357'034'400'000);
  EXPECT_EQ(text::parse_time_ms("2013-01-01 11:30:00.25+01:30"), 1'357'034'400'250);
  for (const char* bad :
       {"2013-02-30", "2013-01-01T25:00", "2013-1-1", "2013-01-01T10:00:00+1", "2013-01-01T10:00:00.Z"}) {
    EXPECT_FALSE(text::parse_time_ms(bad)) << bad;
  }
  EXPECT_EQ(text::format_time_ms(1'357'034'400'250), "2013-01-01T10:00:00.250Z");
  EXPECT_EQ(text::parse_time_ms(text::format_time_ms(-1)), -1);
}

TEST(Text, DurationsNeedAUnit) {
  EXPECT_EQ(text::parse_duration_ms("250ms"), 250);
  EXPECT_EQ(text::parse_duration_ms("7d"), 604'800'000);
  for (const char* bad : {"", "7", "d", "-1d", "1.5h", "7 d", "99999999999d"})
    EXPECT_THROW(text::parse_duration_ms(bad), Error) << bad;
}

TEST(Text, Utf8IsCheckedStrictly) {
  EXPECT_TRUE(text::is_valid_utf8("h\xC3\xA9llo \xF0\x9F\x9A\x80"));
  for (const char* bad : {"\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\x80"})
    EXPECT_FALSE(text::is_valid_utf8(bad));
}

TEST(Text, MarkupIsEscaped) {
  EXPECT_EQ(text::escape_markup("<a href='x'>&\""), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;");
}

TEST(Json, DoublesAreTheNearestToTheirText) {
  for (const char* text : {"90.33333333333333", "0.1", "-2.2250738585072014e-308", "1.7976931348623157e308",
                           "123456.789e-3", "5e-324", "9007199254740993.0", "18446744073709551616"}) {
    EXPECT_EQ(json::parse(text).as_double(), text::parse_double(text).value()) << text;
    EXPECT_EQ(json::parse(text::concat("[", text, "]")).as_array()[0].as_double(), text::parse_double(text).value());
  }
  EXPECT_TRUE(std::isinf(json::parse("1e400").as_double()));
  EXPECT_EQ(json::parse("1e-400").as_double(), 0);
  EXPECT_EQ(json::parse("9007199254740993").as_int64(), 9007199254740993);
}

TEST(Json, FaultsNameTheirPlace) {
  for (const char* bad : {"", "{", "[1,]", "{\"a\":1} x", "nul", "\"\\x\""})
    EXPECT_THROW(json::parse(bad), Error) << bad;
  EXPECT_THROW(json::parse(std::string(100, '[')), Error) << "too deep";
  EXPECT_NO_THROW(json::parse(" {\"a\": [1, 2.5, null]} \n"));
}

TEST(Json, NonFiniteNumbersAreReadWhereAllowedAndWrittenAsText) {
  EXPECT_THROW(json::parse("[NaN]"), Error);
  EXPECT_EQ(json::write(json::parse_lenient("[NaN,-Infinity,\"NaN \\\" Infinity\"]")),
            R"(["NaN","-Infinity","NaN \" Infinity"])");
  EXPECT_EQ(json::write(json::array{json::number(std::nan("")), 1.0, 0.25, 3}), R"(["NaN",1.0,0.25,3])");
}

TEST(Json, MembersAreTakenByTypeWithTheKeyInTheError) {
  const json::value document = json::parse(R"({"n":"12","x":3.0,"s":"t","z":null})");
  const json::object& object = document.as_object();
  EXPECT_EQ(json::get_int(object, "n"), 12);
  EXPECT_EQ(json::get_int(object, "x"), 3);
  EXPECT_FALSE(json::find_string(object, "z"));
  try {
    json::get_string(object, "n2");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "'n2' is missing");
  }
  EXPECT_THROW(json::get_int(object, "s"), Error);
}

TEST(Files, AnAtomicWriteReplacesTheWholeFileAndLeavesNothingBeside) {
  const files::TemporaryFolder folder;
  const std::string path = folder.file("a/b/c.txt");
  files::write_atomic(path, "one");
  files::write_atomic(path, "two");
  EXPECT_EQ(files::read(path), "two");
  const std::filesystem::directory_iterator entries(folder.file("a/b"));
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST(Files, ErrorsSayWhichPathAndWhy) {
  try {
    files::read("/no/such/file");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_STREQ(error.what(), "open /no/such/file: no such file or directory");
  }
}

TEST(Hash, DigestsAreTheKnownOnes) {
  EXPECT_EQ(hash_hex(HashKind::kMd5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(hash_hex(HashKind::kSha256, ""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(hmac_sha256("key", "The quick brown fox jumps over the lazy dog")),
            "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
  EXPECT_EQ(base64_decode(base64_encode("any bytes\0\x01")), "any bytes\0\x01");
  EXPECT_EQ(base64_encode("ab"), "YWI=");
  EXPECT_THROW(base64_decode("@@@@"), Error);
}

TEST(Ids, HaveTheAskedLengthAndASeedRepeatsThem) {
  SeededIdSource a(1);
  SeededIdSource b(1);
  EXPECT_EQ(a.hex(32), b.hex(32));
  EXPECT_EQ(a.hex(33).size(), 33U);
  RandomIdSource random;
  EXPECT_NE(random.hex(32), random.hex(32));
}

TEST(Metrics, AreExposedInPrometheusText) {
  metrics::Registry registry;
  registry.counter("slipway_things_total", "things", {{"kind", "a\"b\n"}}).add(3);
  registry.gauge("slipway_level", "level").set(0.5);
  registry.histogram("slipway_wait_seconds", "waits").observe(0.003);
  const std::string text = registry.expose();
  EXPECT_THAT(text, HasSubstr("# TYPE slipway_things_total counter\nslipway_things_total{kind=\"a\\\"b\\n\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("slipway_level 0.5\n"));
  EXPECT_THAT(text,
              HasSubstr("slipway_wait_seconds_bucket{le=\"0.0025\"} 0\nslipway_wait_seconds_bucket{le=\"0.005\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("slipway_wait_seconds_count 1\n"));
}

TEST(Process, OutputComesLineByLineAndTheExitCodeIsKept) {
  std::vector<std::string> lines;
  ProcessOptions options;
  options.on_line = [&](std::string_view line) { lines.emplace_back(line); };
  options.environment = {{"GREETING", "hello"}};
  const ProcessResult result = run_shell("echo $GREETING; echo two >&2; printf last; exit 7", options);
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_THAT(lines, ElementsAre("hello", "two", "last"));
}

TEST(Process, ATimeoutStopsTheWholeGroup) {
  ProcessOptions options;
  options.timeout_ms = 100;
  options.on_line = [](std::string_view) {};
  const ProcessResult result = run_shell("sleep 100 & sleep 100", options);
  EXPECT_TRUE(result.timed_out);
  EXPECT_LT(result.duration_ms, 4000);
}

TEST(Process, AMissingProgramIsNotFound) {
  try {
    run_process({"no-such-program-here"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
  }
}

TEST(Settings, FlagBeatsEnvironmentBeatsFileBeatsDefault) {
  const files::TemporaryFolder folder;
  files::write_atomic(folder.file("slipway.yaml"), "listen: 1.1.1.1:1\ndata: from-file\n");
  ::setenv("SLIPWAY_CONFIG", folder.file("slipway.yaml").c_str(), 1);
  ::setenv("SLIPWAY_LISTEN", "2.2.2.2:2", 1);
  const std::vector<SettingSpec> specs = {
      {"listen", "0", "", false, ""}, {"data", "1", "", false, ""}, {"token", "", "", true, ""}};
  const Settings settings = Settings::load(specs);
  EXPECT_EQ(settings.get("listen", "3.3.3.3:3").value, "3.3.3.3:3");
  EXPECT_EQ(settings.get("listen").value, "2.2.2.2:2");
  EXPECT_EQ(settings.get("listen").origin, "environment SLIPWAY_LISTEN");
  EXPECT_EQ(settings.get("data").value, "from-file");
  EXPECT_EQ(settings.get("token").origin, "default");
  files::write_atomic(folder.file("slipway.yaml"), "\nlisten: x\ndatta: y\n");
  try {
    Settings::load(specs);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("slipway.yaml:3: there is no setting 'datta'; did you mean 'data'?"));
  }
  ::unsetenv("SLIPWAY_LISTEN");
  ::unsetenv("SLIPWAY_CONFIG");
}

TEST(Blocking, OnlyTheOutermostSectionIsReported) {
  struct Counter : BlockingObserver {
    int blocks = 0;
    int unblocks = 0;
    void on_block() override { ++blocks; }
    void on_unblock() override { ++unblocks; }
  } counter;
  set_blocking_observer(&counter);
  {
    const BlockingSection outer;
    const BlockingSection inner;
  }
  set_blocking_observer(nullptr);
  { const BlockingSection ignored; }
  EXPECT_EQ(counter.blocks, 1);
  EXPECT_EQ(counter.unblocks, 1);
}

}  // namespace
}  // namespace slipway
