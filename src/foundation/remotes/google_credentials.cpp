#include "foundation/remotes/google_credentials.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/hash.h"
#include "foundation/base/json.h"

namespace slipway::remotes {

namespace {

constexpr std::string_view kScope = "https://www.googleapis.com/auth/devstorage.read_write";

std::string base64_for_url(std::string_view bytes) {
  std::string out = base64_encode(bytes);
  while (out.ends_with('=')) out.pop_back();
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

std::string sign_with_rsa(const std::string& pem, std::string_view text) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                         &BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(source.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  if (!key) throw invalid_argument("the private_key of the service account cannot be read");
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t size = 0;
  std::string out;
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
      EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) == 1) {
    out.resize(size);
    if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes, text.size()) == 1) {
      out.resize(size);
      return out;
    }
  }
  throw invalid_argument("the private_key of the service account cannot sign");
}

}  // namespace

GoogleCredentials parse_google_credentials(std::string_view text) {
  const json::value document = json::parse(text);
  const json::object& fields = json::as_object(document, "the credentials of Google");
  const std::string kind = json::get_string(fields, "type");
  GoogleCredentials out;
  out.token_url = json::find_string(fields, "token_uri").value_or("https://oauth2.googleapis.com/token");
  if (kind == "service_account") {
    out.client_email = json::get_string(fields, "client_email");
    out.private_key = json::get_string(fields, "private_key");
    out.private_key_id = json::find_string(fields, "private_key_id").value_or("");
  } else if (kind == "authorized_user") {
    out.client_id = json::get_string(fields, "client_id");
    out.client_secret = json::get_string(fields, "client_secret");
    out.refresh_token = json::get_string(fields, "refresh_token");
  } else {
    throw invalid_argument("credentials of Google are of the type service_account or authorized_user, not '", kind,
                           "'");
  }
  return out;
}

std::string google_assertion(const GoogleCredentials& credentials, int64_t now_ms) {
  const int64_t now = now_ms / 1000;
  json::object head = {{"alg", "RS256"}, {"typ", "JWT"}};
  if (!credentials.private_key_id.empty()) head["kid"] = credentials.private_key_id;
  const json::object claim = {{"iss", credentials.client_email},
                              {"scope", kScope},
                              {"aud", credentials.token_url},
                              {"iat", now},
                              {"exp", now + 3600}};
  const std::string text = text::concat(base64_for_url(json::write(head)), ".", base64_for_url(json::write(claim)));
  return text::concat(text, ".", base64_for_url(sign_with_rsa(credentials.private_key, text)));
}

FetchedToken ask_google_for_token(http::Client& client, const GoogleCredentials& credentials) {
  if (credentials.private_key.empty()) {
    return ask_for_token(client, credentials.token_url,
                         {{"grant_type", "refresh_token"},
                          {"client_id", credentials.client_id},
                          {"client_secret", credentials.client_secret},
                          {"refresh_token", credentials.refresh_token}});
  }
  return ask_for_token(client, credentials.token_url,
                       {{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
                        {"assertion", google_assertion(credentials, SystemClock().now_ms())}});
}

}  // namespace slipway::remotes
