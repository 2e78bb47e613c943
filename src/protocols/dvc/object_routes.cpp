#include "protocols/dvc/object_routes.h"

#include <algorithm>

#include "foundation/base/error.h"
#include "foundation/base/hash.h"

namespace slipway::dvc {

namespace {

constexpr size_t kPieceBytes = size_t{256} << 10U;
constexpr size_t kHashDigits = 32;
constexpr std::string_view kPattern = "/api/slipway/v1/data/{repository}/files/md5/{folder}/{name}";
constexpr std::string_view kTree = ".dir";

bool is_hexadecimal(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_repository_name(std::string_view name) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  return !name.empty() && name.size() <= 128 && name.front() != '.' && std::all_of(name.begin(), name.end(), is_plain);
}

struct ObjectAddress {
  std::string key;
  std::string md5;
};

ObjectAddress address_of(const http::Request& request) {
  const std::string_view repository = request.parameter("repository");
  const std::string_view folder = request.parameter("folder");
  const std::string_view name = request.parameter("name");
  if (!is_repository_name(repository)) {
    throw invalid_argument("a repository of data is named with letters, digits, '.', '-' and '_', not '", repository,
                           "'");
  }
  const bool is_tree = name.ends_with(kTree);
  const std::string md5 = text::concat(folder, is_tree ? name.substr(0, name.size() - kTree.size()) : name);
  if (folder.size() != 2 || md5.size() != kHashDigits || !is_hexadecimal(md5)) {
    throw not_found("'", folder, "/", name, "' is not the name of an object");
  }
  return {text::concat("data/", repository, "/files/md5/", folder, "/", name), md5};
}

void require(identity::Permissions& permissions, const http::Request& request, identity::Permission needed) {
  permissions.require(identity::caller_of(request), {identity::ResourceKind::kExperiment, std::string(identity::kAll)},
                      needed);
}

http::Response give(blobs::BlobStore& blobs, const http::Request& request) {
  const std::string key = address_of(request).key;
  const auto found = blobs.find(key);
  if (!found) throw not_found("there is no object '", key, "'");
  if (const auto path = blobs.local_path(key)) {
    return http::file_response(request, *path, found->size_bytes, "application/octet-stream");
  }
  http::StreamBody body;
  body.length = found->size_bytes;
  body.write = [&blobs, key](http::BodyWriter& writer) {
    const auto reader = blobs.open(key);
    std::string piece(kPieceBytes, '\0');
    while (const size_t got = reader->read(piece.data(), piece.size())) writer.write({piece.data(), got});
  };
  http::Response out;
  out.headers.set("Content-Type", "application/octet-stream");
  out.body = std::move(body);
  return out;
}

http::Response take(blobs::BlobStore& blobs, http::Request& request) {
  const ObjectAddress address = address_of(request);
  Hasher hasher(HashKind::kMd5);
  const auto writer = blobs.create(address.key);
  std::string piece(kPieceBytes, '\0');
  while (const size_t got = request.body->read(piece.data(), piece.size())) {
    hasher.update(std::string_view(piece.data(), got));
    writer->write({piece.data(), got});
  }
  const std::string md5 = hasher.finish_hex();
  if (md5 != address.md5) {
    throw invalid_argument("the content of '", address.key, "' has the hash ", md5, "; nothing was kept");
  }
  writer->commit();
  return http::Response::empty(201);
}

}  // namespace

std::vector<http::Route> object_routes(blobs::BlobStore& blobs, identity::Permissions& permissions) {
  using identity::Permission;
  const std::string pattern(kPattern);
  const auto takes = [&blobs, &permissions](http::Request& request) {
    require(permissions, request, Permission::kEdit);
    return take(blobs, request);
  };
  const auto gives = [&blobs, &permissions](http::Request& request) {
    require(permissions, request, Permission::kRead);
    return give(blobs, request);
  };
  return {
      {"GET", pattern, gives, "tracking.read", "An object of versioned data"},
      {"PUT", pattern, takes, "tracking.write", "Keep an object of versioned data"},
      {"POST", pattern, takes, "tracking.write", "Keep an object of versioned data, as DVC sends it"},
  };
}

}  // namespace slipway::dvc
