#include "domains/data/source_url.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <set>

#include "domains/data/dvcfile.h"
#include "domains/data/parallel.h"
#include "domains/data/paths.h"
#include "domains/data/remote_objects.h"
#include "domains/data/remote_options.h"
#include "domains/data/tree.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/hash.h"
#include "foundation/base/progress.h"

namespace slipway::data {

namespace {

constexpr std::string_view kRemote = "remote://";

RemoteSettings settings_of(const std::string& url, const Config* config, const std::string& base) {
  RemoteSettings out;
  out.url = url;
  if (url.starts_with(kRemote)) {
    const std::string rest = url.substr(kRemote.size());
    const size_t slash = std::min(rest.find('/'), rest.size());
    const auto found = config == nullptr ? std::nullopt : config->find_remote(rest.substr(0, slash));
    if (!found) throw invalid_argument("config file error: remote '", rest.substr(0, slash), "' doesn't exist");
    out = *found;
    out.url += rest.substr(slash);
  } else if (is_local_url(url)) {
    out.url = paths::join(base, url);
  }
  return out;
}

// What storage calls content is written under a name of its own kind.
std::string_view tag_name(const std::string& scheme) {
  return scheme == "s3" || scheme == "gs" || scheme == "azure" ? "etag" : "checksum";
}

bool has_tags(const std::string& scheme) {
  return scheme == "s3" || scheme == "gs" || scheme == "azure" || scheme == "http" || scheme == "https" ||
         scheme == "webdav" || scheme == "webdavs";
}

// The bytes of one file as an object of the store.
StoredFile keep_one(remotes::RemoteStore& from, const std::string& path, const ObjectStore& store) {
  static std::atomic<uint64_t> next = 0;
  const std::string draft = text::concat(store.root(), "/import-", ::getpid(), "-", next++, ".tmp");
  store.create_folders(store.root());
  try {
    const auto reader = from.open(path);
    Hasher hasher(HashKind::kMd5);
    StoredFile out;
    {
      const files::Descriptor file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
      if (!file.valid()) throw system_error(text::concat("create ", draft));
      std::string buffer(size_t{1} << 20U, '\0');
      while (const size_t got = reader->read(buffer.data(), buffer.size())) {
        hasher.update(std::string_view(buffer.data(), got));
        files::write_all(file.get(), {buffer.data(), got}, draft);
        out.size += got;
      }
    }
    out.md5 = hasher.finish_hex();
    if (!store.adopt(draft, out.md5)) out = store.put_file(draft);
    ::unlink(draft.c_str());
    return out;
  } catch (...) {
    ::unlink(draft.c_str());
    throw;
  }
}

}  // namespace

SourceUrl::SourceUrl(const std::string& url, const Config* config, const std::string& base,
                     const std::map<std::string, std::string>& options, size_t jobs)
    : url_(url) {
  RemoteSettings settings = settings_of(url, config, base);
  for (const auto& [key, value] : options) settings.options[key] = value;
  scheme_ = remotes::scheme_of(settings.url);
  is_local_ = scheme_.empty() || scheme_ == "file";
  jobs_ = transfer_jobs(settings, jobs);
  store_ = remotes::open_remote({settings.url, settings.options, jobs_});
}

std::vector<remotes::FileInfo> SourceUrl::files() {
  std::vector<remotes::FileInfo> out;
  if (auto file = store_->find("")) {
    out.push_back(std::move(*file));
    return out;
  }
  if (store_->listing() != remotes::Listing::kNone) {
    store_->list("", [&](const remotes::FileInfo& file) {
      // A name that somebody else chose must not lead out of the folder that it is written to.
      if (!paths::is_safe_relative(file.path)) {
        throw invalid_argument("'", url_, "' holds a file with the name '", file.path, "', which leads elsewhere");
      }
      out.push_back(file);
      return true;
    });
  }
  if (out.empty()) throw not_found("The path '", url_, "' does not exist");
  std::sort(out.begin(), out.end(),
            [](const remotes::FileInfo& a, const remotes::FileInfo& b) { return a.path < b.path; });
  return out;
}

std::vector<remotes::FileInfo> SourceUrl::names() {
  std::vector<remotes::FileInfo> out;
  std::set<std::string> folders;
  for (remotes::FileInfo& file : files()) {
    const size_t slash = file.path.find('/');
    if (slash == std::string::npos) {
      out.push_back(std::move(file));
    } else if (folders.insert(file.path.substr(0, slash)).second) {
      out.push_back({file.path.substr(0, slash + 1), std::nullopt, "", 0});
    }
  }
  return out;
}

Record SourceUrl::keep(const ObjectStore& store) {
  const std::vector<remotes::FileInfo> found = files();
  std::vector<StoredFile> kept(found.size());
  Progress progress(text::concat("Importing ", url_), found.size());
  parallel_for(
      found.size(), jobs_,
      [&](size_t i) {
        kept[i] = keep_one(*store_, found[i].path, store);
        progress.add();
        progress.add_bytes(kept[i].size);
      },
      1);
  Record out;
  uint64_t size = 0;
  for (const StoredFile& one : kept) size += one.size;
  out.size = size;
  if (found.size() == 1 && found.front().path.empty()) {
    out.hash = kept.front().md5;
    return out;
  }
  Tree tree;
  for (size_t i = 0; i < found.size(); ++i) tree.entries.push_back({found[i].path, kept[i].md5});
  tree.sort();
  out.hash = tree.hash();
  out.file_count = tree.entries.size();
  store.put(out.hash, tree.write());
  return out;
}

std::optional<Value> SourceUrl::quick_identity() {
  if (!has_tags(scheme_)) return std::nullopt;
  const auto file = store_->find("");
  if (!file || file->tag.empty()) return std::nullopt;
  Value out = Value::map();
  out.set(tag_name(scheme_), Value::string(file->tag));
  if (file->size) out.set("size", Value::digits(std::to_string(*file->size)));
  out.set("hash", Value::string("md5"));
  return out;
}

Value SourceUrl::identity(const Record& content) {
  if (auto out = quick_identity()) return *out;
  Value out = Value::map();
  Record record = content;
  struct stat info {};
  record.executable =
      is_local_ && !record.is_folder() && ::stat(store_->url("").c_str(), &info) == 0 && (info.st_mode & 0111U) != 0;
  append_record(record, out);
  return out;
}

}  // namespace slipway::data
