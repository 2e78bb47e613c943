#include "foundation/http/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "foundation/base/error.h"
#include "foundation/http/compression.h"

namespace slipway::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(PercentDecode, DecodesOnceOnly) {
  EXPECT_EQ(percent_decode("%252e"), "%2e");
  EXPECT_EQ(percent_decode("a%2Fb%20c"), "a/b c");
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode("a+b", true), "a b");
  EXPECT_EQ(percent_decode("%00"), std::string("\0", 1));
}

TEST(PercentDecode, RefusesBadEscapes) {
  for (const char* bad : {"%", "%2", "a%", "%zz", "%2g", "%%20"}) EXPECT_EQ(percent_decode(bad), std::nullopt) << bad;
}

TEST(PercentEncode, IsUndoneByDecode) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_EQ(percent_encode("a/b c~", "/"), "a/b%20c~");
}

TEST(ParseQuery, KeepsOrderAndRepeatedNames) {
  const auto query = parse_query("b=1&a=x%26y&&b=2+3&flag&e=");
  ASSERT_TRUE(query);
  EXPECT_THAT(*query, ElementsAre(Pair("b", "1"), Pair("a", "x&y"), Pair("b", "2 3"), Pair("flag", ""), Pair("e", "")));
  EXPECT_EQ(parse_query("a=%"), std::nullopt);
}

TEST(Headers, CompareNamesWithoutCase) {
  Headers headers;
  headers.add("Content-Type", "a");
  headers.add("X-A", "1");
  headers.add("x-a", "2");
  EXPECT_EQ(headers.find("content-type"), "a");
  headers.set("X-a", "3");
  EXPECT_THAT(headers.all(), ElementsAre(Pair("Content-Type", "a"), Pair("X-a", "3")));
  headers.remove("CONTENT-TYPE");
  EXPECT_EQ(headers.find("Content-Type"), std::nullopt);
}

TEST(ContentType, IsKnownByTheExtension) {
  EXPECT_EQ(content_type_of("a/b.JSON"), "application/json");
  EXPECT_EQ(content_type_of("a.b/c"), "application/octet-stream");
  EXPECT_EQ(content_type_of("model/MLmodel"), "text/yaml; charset=utf-8");
  EXPECT_EQ(content_type_of("x.unknown"), "application/octet-stream");
}

// A body in pieces of at most `step` bytes.
class TextBody final : public BodyReader {
 public:
  TextBody(std::string text, size_t step) : text_(std::move(text)), step_(step) {}
  size_t read(char* buffer, size_t capacity) override {
    const size_t count = std::min({capacity, step_, text_.size() - at_});
    text_.copy(buffer, count, at_);
    at_ += count;
    return count;
  }

 private:
  const std::string text_;
  const size_t step_;
  size_t at_ = 0;
};

std::string read_all(const std::string& content, std::string_view encoding, size_t limit, size_t step = 7) {
  TextBody body(content, step);
  Request request;
  request.body = &body;
  if (!encoding.empty()) request.headers.add("Content-Encoding", std::string(encoding));
  return request.read_body(limit);
}

ErrorCode code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::kInternal;
}

std::string deflated(std::string_view input, int window_bits) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, input.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(ReadBody, TakesUpToTheLimit) {
  EXPECT_EQ(read_all("abcdefgh", "", 8), "abcdefgh");
  EXPECT_EQ(code_of([] { read_all("abcdefgh", "", 7); }), ErrorCode::kTooLarge);
}

TEST(ReadBody, DoesNotTrustAClaimedLength) {
  TextBody body("abc", 3);
  Request request;
  request.body = &body;
  request.content_length = 1000;
  EXPECT_EQ(request.read_body(), "abc");
  request.content_length = uint64_t{1} << 60U;
  EXPECT_EQ(code_of([&] { request.read_body(); }), ErrorCode::kTooLarge);
}

TEST(ReadBody, UndoesGzipZlibAndBareDeflate) {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += std::to_string(i);
  EXPECT_EQ(read_all(Gzip().compress(text), "gzip", text.size()), text);
  EXPECT_EQ(read_all(deflated(text, 15), "deflate", text.size()), text);
  EXPECT_EQ(read_all(deflated(text, -15), "Deflate", text.size(), 1000), text);
  EXPECT_EQ(read_all(Gzip().compress(""), "x-gzip", 0), "");
  EXPECT_EQ(read_all("plain", "identity", 5), "plain");
}

TEST(ReadBody, StopsBombsAtTheLimit) {
  const std::string bomb = Gzip().compress(std::string(size_t{50} << 20U, 'a'));
  EXPECT_LT(bomb.size(), size_t{1} << 20U);
  EXPECT_EQ(code_of([&] { read_all(bomb, "gzip", 1000, 1 << 20U); }), ErrorCode::kTooLarge);
}

TEST(ReadBody, RefusesDamagedAndUnknownEncodings) {
  const std::string good = Gzip().compress("hello");
  EXPECT_EQ(code_of([&] { read_all(good.substr(0, good.size() - 1), "gzip", 100); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of([&] { read_all(good + "x", "gzip", 100); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of([&] { read_all("\x1f\x8bnonsense", "gzip", 100); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of([&] { read_all("x", "br", 100); }), ErrorCode::kInvalidArgument);
}

TEST(AcceptsGzip, ReadsWeights) {
  EXPECT_TRUE(accepts_gzip("deflate, gzip;q=0.5"));
  EXPECT_TRUE(accepts_gzip("*"));
  EXPECT_FALSE(accepts_gzip("gzip;q=0, *"));
  EXPECT_FALSE(accepts_gzip(""));
  EXPECT_FALSE(accepts_gzip("br"));
}

struct FileCase {
  std::string range;
  int status;
  uint64_t offset;
  uint64_t length;
  std::string content_range;
};

Response of_file(const Headers& headers, uint64_t size = 100, std::string_view etag = "t",
                 std::string_view method = "GET") {
  Request request;
  request.method = method;
  request.headers = headers;
  return file_response(request, "/f", size, "text/plain", etag);
}

TEST(FileResponse, UnderstandsOneRange) {
  for (const FileCase& c : std::vector<FileCase>{{"bytes=0-9", 206, 0, 10, "bytes 0-9/100"},
                                                 {"bytes=90-", 206, 90, 10, "bytes 90-99/100"},
                                                 {"bytes=-5", 206, 95, 5, "bytes 95-99/100"},
                                                 {"bytes=-500", 206, 0, 100, "bytes 0-99/100"},
                                                 {"bytes=50-5000", 206, 50, 50, "bytes 50-99/100"},
                                                 {"bytes=100-", 416, 0, 0, "bytes */100"},
                                                 {"bytes=-0", 416, 0, 0, "bytes */100"},
                                                 {"bytes=9-3", 200, 0, 100, ""},
                                                 {"bytes=0-1,5-6", 200, 0, 100, ""},
                                                 {"bytes=a-b", 200, 0, 100, ""},
                                                 {"bytes=+1-2", 200, 0, 100, ""},
                                                 {"bytes=-", 200, 0, 100, ""},
                                                 {"lines=0-9", 200, 0, 100, ""}}) {
    Headers headers;
    headers.add("Range", c.range);
    const Response response = of_file(headers);
    EXPECT_EQ(response.status, c.status) << c.range;
    EXPECT_EQ(response.headers.find("Content-Range").value_or(""), c.content_range) << c.range;
    if (c.status == 416) continue;
    const auto& file = std::get<FileBody>(response.body);
    EXPECT_EQ(file.offset, c.offset) << c.range;
    EXPECT_EQ(file.length, c.length) << c.range;
  }
}

TEST(FileResponse, HasNoPartOfAnEmptyFile) {
  Headers headers;
  headers.add("Range", "bytes=0-");
  EXPECT_EQ(of_file(headers, 0).status, 416);
  EXPECT_EQ(of_file({}, 0).status, 200);
}

TEST(FileResponse, IsNotModifiedForAKnownTag) {
  for (const char* known : {"\"t\"", "W/\"t\"", "\"x\", \"t\"", "*"}) {
    Headers headers;
    headers.add("If-None-Match", known);
    EXPECT_EQ(of_file(headers).status, 304) << known;
  }
  Headers other;
  other.add("If-None-Match", "\"u\"");
  EXPECT_EQ(of_file(other).status, 200);
  EXPECT_EQ(of_file(other, 100, "").status, 200);
}

TEST(FileResponse, TakesAPartOnlyOfTheSameContent) {
  Headers headers;
  headers.add("Range", "bytes=0-9");
  headers.add("If-Range", "\"t\"");
  EXPECT_EQ(of_file(headers).status, 206);
  headers.set("If-Range", "\"old\"");
  EXPECT_EQ(of_file(headers).status, 200);
  headers.set("If-Range", "Mon, 01 Jan 2024 00:00:00 GMT");
  EXPECT_EQ(of_file(headers).status, 200);
}

TEST(FileResponse, IgnoresRangeUnlessGet) {
  Headers headers;
  headers.add("Range", "bytes=0-9");
  EXPECT_EQ(of_file(headers, 100, "t", "HEAD").status, 200);
}

}  // namespace
}  // namespace slipway::http
