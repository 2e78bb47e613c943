#include "foundation/remotes/ssh_config.h"

#include <algorithm>

#include "foundation/base/text.h"

namespace slipway::remotes {

namespace {

// Words between blanks; "one with blanks" is one.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  while (!(text = text::trim(text)).empty()) {
    const bool quoted = text.front() == '"';
    if (quoted) text.remove_prefix(1);
    const size_t end = std::min(quoted ? text.find('"') : text.find_first_of(" \t"), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

bool is_meant(const std::vector<std::string>& patterns, std::string_view host) {
  bool out = false;
  for (std::string_view pattern : patterns) {
    const bool negated = pattern.starts_with('!');
    if (negated) pattern.remove_prefix(1);
    if (!matches_ssh_pattern(pattern, host)) continue;
    if (negated) return false;
    out = true;
  }
  return out;
}

void take(const std::string& name, const std::vector<std::string>& values, SshHost& out) {
  const auto once = [&](std::string& into) {
    if (into.empty() && !values.empty()) into = values.front();
  };
  if (name == "hostname") once(out.host_name);
  if (name == "port") once(out.port);
  if (name == "user") once(out.user);
  if (name == "stricthostkeychecking") once(out.strict_host_key_checking);
  if (name == "userknownhostsfile" && out.known_hosts_files.empty()) out.known_hosts_files = values;
  if (name == "identityfile" && !values.empty()) out.identity_files.push_back(values.front());
}

}  // namespace

bool matches_ssh_pattern(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t after_star = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || (pattern[p] == text[t] && pattern[p] != '*'))) {
      ++p;
      ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      after_star = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++after_star;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

SshHost find_ssh_host(std::string_view config, std::string_view host) {
  SshHost out;
  bool applies = true;
  while (!config.empty()) {
    const size_t end = std::min(config.find('\n'), config.size());
    const std::string_view line = text::trim(config.substr(0, end));
    config.remove_prefix(std::min(end + 1, config.size()));
    if (line.empty() || line.front() == '#') continue;
    const size_t name_end = std::min(line.find_first_of(" \t="), line.size());
    const std::string name = text::lower(line.substr(0, name_end));
    std::string_view rest = text::trim(line.substr(name_end));
    if (rest.starts_with('=')) rest.remove_prefix(1);
    const std::vector<std::string> values = words_of(rest);
    if (name == "host") {
      applies = is_meant(values, host);
    } else if (name == "match") {
      // Its conditions may run programs; only the one that always holds is understood.
      applies = values.size() == 1 && text::lower(values.front()) == "all";
    } else if (applies) {
      take(name, values, out);
    }
  }
  return out;
}

}  // namespace slipway::remotes
