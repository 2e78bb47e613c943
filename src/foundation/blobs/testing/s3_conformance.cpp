// The S3 store against a real S3-speaking server: the suite of every store, and what is S3's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>

#include "foundation/base/error.h"
#include "foundation/base/text.h"
#include "foundation/blobs/s3_client.h"
#include "foundation/blobs/s3_store.h"
#include "foundation/blobs/testing/moto_server.h"
#include "foundation/blobs/testing/store_conformance.h"
#include "foundation/blobs/xml.h"

namespace slipway::blobs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr size_t kPartBytes = size_t{8} << 20U;

S3Location location(const std::string& bucket, const std::string& prefix) {
  static MotoServer server;
  const auto environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "AWS_ACCESS_KEY_ID" || name == "AWS_SECRET_ACCESS_KEY") return "test";
    return std::nullopt;
  };
  return parse_s3_location("s3://" + bucket + "/" + prefix + "?endpoint=" + server.origin(), environment);
}

// Passes requests on, except where the test has put trouble in the way.
class TroubledClient final : public http::Client {
 public:
  enum class Trouble { kNone, kStatus503, kNoConnection, kLostAnswer };

  http::ClientResponse send(const http::ClientRequest& request) override {
    ++requests;
    const Trouble trouble = next();
    if (trouble == Trouble::kNoConnection) throw unavailable("no connection");
    if (trouble == Trouble::kStatus503) {
      http::ClientResponse slow_down;
      slow_down.status = 503;
      slow_down.body = "<Error><Code>SlowDown</Code><Message>later</Message></Error>";
      return slow_down;
    }
    http::ClientResponse response = real_->send(request);
    if (trouble == Trouble::kLostAnswer) throw Error(ErrorCode::kDeadlineExceeded, "no answer");
    return response;
  }

  void stream(const http::ClientRequest&, const std::function<void(const http::ClientResponse&)>&,
              const std::function<bool(std::string_view)>&) override {
    throw internal_error("the store does not stream");
  }

  std::deque<Trouble> troubles;
  int requests = 0;

 private:
  Trouble next() {
    if (troubles.empty()) return Trouble::kNone;
    const Trouble out = troubles.front();
    troubles.pop_front();
    return out;
  }

  const std::unique_ptr<http::Client> real_ = http::make_client();
};

using Trouble = TroubledClient::Trouble;

S3Retries quick() {
  S3Retries out;
  out.attempts = 4;
  out.first_pause_ms = 1;
  return out;
}

void make_bucket(const std::string& bucket) {
  S3Client client(location(bucket, ""), http::make_client());
  S3Request request;
  request.method = "PUT";
  client.call(request);
}

// A prefix of its own in one bucket.
std::string new_prefix() {
  static std::atomic<int> next = 0;
  if (next == 0) make_bucket("blobs");
  return "test " + std::to_string(next++);
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

}  // namespace

std::shared_ptr<BlobStore> make_store_under_test() {
  return std::make_shared<S3Store>(location("blobs", new_prefix()), http::make_client());
}

// Two full parts and some more.
size_t large_blob_bytes() { return 2 * kPartBytes + 12'345; }
// S3 answers 404 (NoSuchUpload); moto breaks over the unknown id and answers 500.
ErrorCode code_of_gone_upload() { return ErrorCode::kUnavailable; }

namespace {

class S3StoreTest : public ::testing::Test {
 protected:
  // What is under way in the bucket: started and neither finished nor aborted.
  std::vector<std::string> uploads_under_way() {
    S3Request request;
    request.query = {{"uploads", ""}};
    std::vector<std::string> out;
    for (const XmlElement& element : parse_xml(client_.call(request).body).children) {
      if (element.name == "Upload") out.emplace_back(element.child_text("Key"));
    }
    return out;
  }

  const std::shared_ptr<TroubledClient> http_ = std::make_shared<TroubledClient>();
  const S3Location location_ = location("blobs", new_prefix());
  S3Store s3_{location_, http_, quick()};
  BlobStore& store_ = s3_;
  S3Client client_{location_, http::make_client()};
};

TEST_F(S3StoreTest, BlobsOfExactlyOnePartAndOneByteMore) {
  for (const size_t size : {kPartBytes, kPartBytes + 1, 2 * kPartBytes}) {
    const std::string content(size, 's');
    const auto writer = store_.create("edge");
    writer->write(content);
    http_->requests = 0;
    writer->commit();
    EXPECT_EQ(http_->requests, size == kPartBytes ? 1 : 2);
    EXPECT_TRUE(store_.get("edge") == content) << size;
  }
  EXPECT_THAT(uploads_under_way(), IsEmpty());
}

TEST_F(S3StoreTest, AnUploadThatIsGivenUpLeavesNothingInTheBucket) {
  {
    const auto writer = store_.create("large");
    writer->write(std::string(kPartBytes + 1, 'x'));
    EXPECT_EQ(uploads_under_way().size(), 1U);
  }
  EXPECT_THAT(uploads_under_way(), IsEmpty());
}

TEST_F(S3StoreTest, TroubleThatPassesIsNotSeen) {
  http_->troubles = {Trouble::kStatus503, Trouble::kNoConnection, Trouble::kLostAnswer};
  store_.put("a", "content");
  http_->troubles = {Trouble::kNoConnection, Trouble::kStatus503};
  EXPECT_EQ(store_.get("a"), "content");
  http_->troubles = {Trouble::kStatus503};
  EXPECT_EQ(store_.list({}).blobs.size(), 1U);
  http_->troubles = {Trouble::kLostAnswer};
  store_.remove("a");
  EXPECT_FALSE(store_.find("a"));
}

TEST_F(S3StoreTest, TroubleInAnyPartOfALargeUploadIsNotSeen) {
  const std::string content(kPartBytes + 5, 'y');
  const auto writer = store_.create("large");
  http_->troubles = {Trouble::kStatus503, Trouble::kNone, Trouble::kLostAnswer, Trouble::kNone, Trouble::kNoConnection};
  writer->write(content);
  writer->commit();
  EXPECT_TRUE(http_->troubles.empty());
  EXPECT_TRUE(store_.get("large") == content);
}

TEST_F(S3StoreTest, TroubleThatStaysIsUnavailable) {
  http_->requests = 0;
  http_->troubles.assign(4, Trouble::kStatus503);
  EXPECT_EQ(code_of([&] { store_.put("a", "x"); }), ErrorCode::kUnavailable);
  EXPECT_EQ(http_->requests, 4);
  http_->troubles.assign(4, Trouble::kNoConnection);
  EXPECT_EQ(code_of([&] { store_.find("a"); }), ErrorCode::kUnavailable);
}

TEST_F(S3StoreTest, ABlobReplacedWhileItIsReadIsAConflict) {
  store_.put("large", std::string(kPartBytes + 1, 'a'));
  const auto reader = store_.open("large");
  store_.put("large", std::string(kPartBytes + 1, 'b'));
  std::string buffer(kPartBytes, '\0');
  EXPECT_EQ(reader->read(buffer.data(), buffer.size()), kPartBytes);
  EXPECT_EQ(code_of([&] { reader->read(buffer.data(), buffer.size()); }), ErrorCode::kConflict);
}

TEST_F(S3StoreTest, NamesThatAreNoKeysAreInvisible) {
  for (const char* name : {"folder/", "double//slash", "../up", "fine"}) {
    S3Request request;
    request.method = "PUT";
    request.key = name;
    client_.call(request);
  }
  std::vector<std::string> keys;
  for (const BlobInfo& blob : store_.list({}).blobs) keys.push_back(blob.key);
  EXPECT_THAT(keys, ElementsAre("fine"));
  ListOptions options;
  options.limit = 1;
  options.after = "a";
  size_t pages = 0;
  for (bool more = true; more && pages < 10; ++pages) {
    const ListPage page = store_.list(options);
    more = page.next.has_value();
    options.after = page.next.value_or("");
  }
  EXPECT_LT(pages, 10U);
}

TEST_F(S3StoreTest, AListMayBeLongerThanOneAnswer) {
  constexpr int kBlobs = 1003;
  for (int i = 0; i < kBlobs; ++i) store_.put("n/" + std::to_string(i), "");
  ListOptions options;
  options.limit = 5000;
  const ListPage all = store_.list(options);
  EXPECT_EQ(all.blobs.size(), static_cast<size_t>(kBlobs));
  EXPECT_FALSE(all.next);
  options.limit = 1001;
  const ListPage first = store_.list(options);
  EXPECT_EQ(first.blobs.size(), 1001U);
  ASSERT_TRUE(first.next);
  options.after = *first.next;
  EXPECT_EQ(store_.list(options).blobs.size(), 2U);
}

TEST(S3Open, ABucketThatIsNotThereIsNotFound) {
  try {
    const S3Store store(location("nobodys-bucket", ""), http::make_client());
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_THAT(error.what(), HasSubstr("bucket nobodys-bucket does not exist"));
  }
}

TEST(S3Open, AServerThatIsNotThereIsUnavailable) {
  S3Location nowhere = location("blobs", "");
  nowhere.origin = "http://127.0.0.1:1";
  EXPECT_EQ(code_of([&] { S3Store(nowhere, http::make_client(), quick()); }), ErrorCode::kUnavailable);
}

TEST(S3Errors, MeanWhatTheServerSaid) {
  const S3Client client(location("blobs", ""), http::make_client());
  const auto meaning = [&](int status, const std::string& code) {
    http::ClientResponse response;
    response.status = status;
    response.body = text::concat("<Error><Code>", code, "</Code><Message>m</Message></Error>");
    return client.error_of(response, "key").code();
  };
  EXPECT_EQ(meaning(403, "AccessDenied"), ErrorCode::kPermissionDenied);
  EXPECT_EQ(meaning(403, "SignatureDoesNotMatch"), ErrorCode::kUnauthenticated);
  EXPECT_EQ(meaning(403, "InvalidAccessKeyId"), ErrorCode::kUnauthenticated);
  EXPECT_EQ(meaning(404, "NoSuchKey"), ErrorCode::kNotFound);
  EXPECT_EQ(meaning(404, "NoSuchBucket"), ErrorCode::kNotFound);
  EXPECT_EQ(meaning(404, "NoSuchUpload"), ErrorCode::kNotFound);
  EXPECT_EQ(meaning(400, "EntityTooLarge"), ErrorCode::kTooLarge);
  EXPECT_EQ(meaning(503, "SlowDown"), ErrorCode::kUnavailable);
  EXPECT_EQ(meaning(301, "PermanentRedirect"), ErrorCode::kInvalidArgument);
  EXPECT_EQ(meaning(418, "Teapot"), ErrorCode::kInternal);
  EXPECT_EQ(meaning(500, "<not xml"), ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace slipway::blobs
