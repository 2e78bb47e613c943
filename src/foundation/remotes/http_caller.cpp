#include "foundation/remotes/http_caller.h"

#include <algorithm>
#include <vector>

#include "foundation/base/error.h"
#include "foundation/http/url.h"

namespace slipway::remotes {

namespace {

constexpr int kMaxRedirects = 10;
constexpr size_t kPieceBytes = size_t{256} << 10U;
constexpr size_t kMaxAnswerBytes = size_t{64} << 20U;

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::string redirected(const std::string& from, std::string_view location) {
  if (location.find("://") != std::string_view::npos) return std::string(location);
  const http::Url base = http::parse_url(from);
  if (location.starts_with("//")) return text::concat(base.is_tls ? "https:" : "http:", location);
  if (location.starts_with('/')) return base.origin() + std::string(location);
  const std::string path = base.target.substr(0, base.target.find('?'));
  return text::concat(base.origin(), path.substr(0, path.rfind('/') + 1), location);
}

ErrorCode code_of(int status) {
  switch (status) {
    case 401:
      return ErrorCode::kUnauthenticated;
    case 403:
      return ErrorCode::kPermissionDenied;
    case 404:
    case 410:
      return ErrorCode::kNotFound;
    case 405:
    case 501:
      return ErrorCode::kUnimplemented;
    case 409:
    case 412:
      return ErrorCode::kConflict;
    case 413:
      return ErrorCode::kTooLarge;
    case 507:
      return ErrorCode::kOutOfSpace;
    default:
      return http::is_worth_another_try(status) ? ErrorCode::kUnavailable : ErrorCode::kInternal;
  }
}

// Without a query, which may hold a secret.
std::string plain_url(const std::string& url) { return url.substr(0, url.find('?')); }

}  // namespace

std::shared_ptr<http::Client> make_http_client(const Options& options, size_t jobs) {
  http::ClientOptions out;
  out.max_idle_per_host = std::max<size_t>(jobs, 1);
  const std::string verify = options.get("ssl_verify");
  const auto flag = text::parse_bool(verify);
  if (flag) {
    out.check_certificates = *flag;
  } else {
    out.ca_file = verify;
  }
  return http::make_client(out);
}

std::string encoded_url(std::string_view url) {
  while (url.ends_with('/')) url.remove_suffix(1);
  const size_t mark = url.find("://");
  const size_t path = mark == std::string_view::npos ? 0 : std::min(url.find('/', mark + 3), url.size());
  // Escapes that are there already stay.
  return std::string(url.substr(0, path)) + http::percent_encode(url.substr(path), "/%?=&+,;:@!$'()*~");
}

HttpCaller::HttpCaller(std::shared_ptr<http::Client> http, CallerOptions options)
    : http_(std::move(http)), options_(std::move(options)) {}

Error HttpCaller::error_of(const http::ClientResponse& response, const std::string& url) {
  const ErrorCode code = code_of(response.status);
  std::string message = text::concat(response.status, " ", http::reason_phrase(response.status), ": ", plain_url(url));
  if (code == ErrorCode::kUnauthenticated) message += "; check user, password or token of the remote";
  if (code == ErrorCode::kPermissionDenied) message += "; whoever these credentials are may not do that";
  return {code, message};
}

void HttpCaller::retry(const std::function<void()>& work) {
  for (int attempt = 1;; ++attempt) {
    try {
      return work();
    } catch (const Error& error) {
      if (attempt >= options_.retries.attempts || !http::is_worth_another_try(error)) throw;
    }
    http::pause_before_retry(options_.retries, attempt - 1, random_);
  }
}

std::unique_ptr<http::ClientAnswer> HttpCaller::answer(http::ClientRequest request) {
  request.connect_timeout_ms = options_.connect_timeout_ms;
  request.timeout_ms = options_.read_timeout_ms;
  request.max_body_bytes = kMaxAnswerBytes;
  const std::string origin = http::parse_url(request.url).origin();
  for (int i = 0;; ++i) {
    http::ClientRequest signed_request = request;
    // Somebody else's server must not learn who we are.
    const bool same = http::parse_url(request.url).origin() == origin;
    if (same && options_.authorize) options_.authorize(signed_request);
    auto answer = http_->open(signed_request);
    const auto location = answer->head().headers.find("Location");
    const bool may_follow = request.method == "GET" || request.method == "HEAD";
    const int status = answer->head().status;
    if (http::is_worth_another_try(status)) throw error_of(answer->head(), request.url);
    if (!is_redirect(status) || !location || !may_follow) return answer;
    if (i >= kMaxRedirects) throw unavailable("'", plain_url(request.url), "' redirects again and again");
    request.url = redirected(request.url, *location);
  }
}

http::ClientResponse HttpCaller::send(http::ClientRequest request) {
  http::ClientResponse out;
  retry([&] {
    const auto open = answer(request);
    out = open->head();
    std::vector<char> buffer(kPieceBytes);
    while (const size_t got = open->read(buffer.data(), buffer.size())) {
      if (out.body.size() + got > kMaxAnswerBytes) {
        throw too_large("the answer of ", plain_url(request.url), " is too long");
      }
      out.body.append(buffer.data(), got);
    }
  });
  return out;
}

http::ClientResponse HttpCaller::send(http::ClientRequest request, Content& content,
                                      const std::function<void(uint64_t)>& on_sent) {
  uint64_t told = 0;
  request.stream_length = content.size();
  request.stream_body = [&content, &on_sent, &told](http::BodyWriter& writer) {
    std::vector<char> buffer(kPieceBytes);
    uint64_t offset = 0;
    while (const size_t got = content.read_at(offset, buffer.data(), buffer.size())) {
      writer.write({buffer.data(), got});
      offset += got;
      // What is sent again is not progress.
      if (offset > told && on_sent) on_sent(offset - told);
      told = std::max(told, offset);
    }
  };
  return send(std::move(request));
}

http::ClientResponse HttpCaller::call(http::ClientRequest request) {
  http::ClientResponse response = send(request);
  if (response.status / 100 != 2) throw error_of(response, request.url);
  return response;
}

class ResumingReader final : public blobs::BlobReader {
 public:
  ResumingReader(HttpCaller& caller, http::ClientRequest request) : caller_(caller), request_(std::move(request)) {
    caller_.retry([this] { connect(); });
  }

  size_t read(char* buffer, size_t capacity) override {
    size_t got = 0;
    caller_.retry([&] {
      try {
        if (!answer_) connect();
        got = answer_->read(buffer, capacity);
      } catch (...) {
        answer_.reset();
        throw;
      }
    });
    offset_ += got;
    return got;
  }

 private:
  void connect() {
    http::ClientRequest request = request_;
    if (offset_ > 0) request.headers.set("Range", text::concat("bytes=", offset_, "-"));
    answer_ = caller_.answer(request);
    const http::ClientResponse& head = answer_->head();
    if (head.status / 100 != 2) throw HttpCaller::error_of(head, request_.url);
    const std::string tag(head.headers.find("ETag").value_or(""));
    if (offset_ > 0 && tag != tag_) throw conflict("'", plain_url(request_.url), "' was replaced while it was read");
    tag_ = tag;
    // A server that knows no ranges begins again; what we have is passed over.
    if (offset_ > 0 && head.status == 200) skip(offset_);
  }

  void skip(uint64_t count) {
    std::vector<char> buffer(kPieceBytes);
    while (count > 0) {
      const size_t got = answer_->read(buffer.data(), std::min<uint64_t>(buffer.size(), count));
      if (got == 0) throw conflict("'", plain_url(request_.url), "' became shorter while it was read");
      count -= got;
    }
  }

  HttpCaller& caller_;
  const http::ClientRequest request_;
  std::unique_ptr<http::ClientAnswer> answer_;
  uint64_t offset_ = 0;
  std::string tag_;
};

std::unique_ptr<blobs::BlobReader> HttpCaller::open(http::ClientRequest request) {
  return std::make_unique<ResumingReader>(*this, std::move(request));
}

}  // namespace slipway::remotes
