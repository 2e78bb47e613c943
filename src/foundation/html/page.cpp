#include "foundation/html/page.h"

#include <algorithm>

#include "foundation/base/text.h"
#include "foundation/html/style.h"

namespace slipway::html {

namespace {

// The icon says what the colour says.
std::string_view icon_of(std::string_view tone) {
  if (tone == "good") return "\u2713";
  if (tone == "bad") return "\u2717";
  if (tone == "warning") return "!";
  return "\u2022";
}

std::string_view known_tone(std::string_view tone) {
  return tone == "good" || tone == "bad" || tone == "warning" ? tone : "neutral";
}

// "12", "-3.5 %", "1,024", "1e-05": what reads best with its digits under one another. Markup around is ignored.
// A hull on a slip, drawn here so that no page asks the server for /favicon.ico.
constexpr std::string_view kIcon =
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' "
    "rx='7' fill='%232563eb'/%3E%3Cpath d='M5 13h22l-4 8H10z' fill='%23fff'/%3E%3Cpath d='M4 27l24-4' stroke='%23fff' "
    "stroke-width='2.5' stroke-linecap='round'/%3E%3C/svg%3E";

// Cells up to this length stay on one line; the longer ones of the table give way.
constexpr size_t kShortCell = 36;

bool looks_like_number(std::string_view cell) {
  if (cell.find('<') != std::string_view::npos) return false;
  const bool has_digit = std::any_of(cell.begin(), cell.end(), [](char c) { return c >= '0' && c <= '9'; });
  return has_digit && cell.find_first_not_of("0123456789.,+-%eE \u2212") == std::string_view::npos;
}

// A link must not carry code; anything with a scheme other than the web's is dropped.
std::string safe_url(std::string_view url) {
  const size_t colon = url.find(':');
  const size_t path = url.find_first_of("/?#");
  const bool has_scheme = colon != std::string_view::npos && (path == std::string_view::npos || colon < path);
  const std::string scheme = has_scheme ? text::lower(url.substr(0, colon)) : "";
  const bool is_web = scheme.empty() || scheme == "http" || scheme == "https" || scheme == "mailto";
  return is_web ? std::string(url) : "#";
}

std::string element(std::string_view name, std::string_view text) {
  return text::concat("<", name, ">", text::escape_markup(text), "</", name, ">\n");
}

}  // namespace

Markup operator+(const Markup& a, const Markup& b) { return {a.text + b.text}; }

Markup& operator+=(Markup& a, const Markup& b) {
  a.text += b.text;
  return a;
}

Markup escaped(std::string_view text) { return {text::escape_markup(text)}; }

Markup heading(int level, std::string_view text) { return {element(text::concat("h", std::clamp(level, 1, 6)), text)}; }

Markup paragraph(std::string_view text) { return {element("p", text)}; }

Markup link(std::string_view url, std::string_view text) {
  return {text::concat("<a href=\"", text::escape_markup(safe_url(url)), "\">", text::escape_markup(text), "</a>")};
}

Markup badge(std::string_view text, std::string_view tone) {
  const std::string_view known = known_tone(tone);
  return {text::concat("<span class=\"badge ", known, "\"><span aria-hidden=\"true\">", icon_of(known), "</span> ",
                       text::escape_markup(text), "</span>")};
}

Markup tiles(const std::vector<std::pair<std::string, std::string>>& items) {
  Markup out{"<dl class=\"tiles\">\n"};
  for (const auto& [label, value] : items) {
    out.text +=
        text::concat("<div><dt>", text::escape_markup(label), "</dt><dd>", text::escape_markup(value), "</dd></div>\n");
  }
  out.text += "</dl>\n";
  return out;
}

Markup table(const std::vector<std::string>& headers, const std::vector<std::vector<Markup>>& rows) {
  Markup out{"<div class=\"scroll\"><table>\n<thead><tr>"};
  for (const std::string& header : headers) {
    out.text += text::concat("<th scope=\"col\">", text::escape_markup(header), "</th>");
  }
  out.text += "</tr></thead>\n<tbody>\n";
  for (const std::vector<Markup>& row : rows) {
    out.text += "<tr>";
    for (const Markup& cell : row) {
      const bool is_short = cell.text.size() <= kShortCell && cell.text.find('<') == std::string::npos;
      const std::string_view tag = looks_like_number(cell.text) ? "<td class=\"number\">"
                                   : is_short                   ? "<td class=\"short\">"
                                                                : "<td>";
      out.text += text::concat(tag, cell.text, "</td>");
    }
    out.text += "</tr>\n";
  }
  out.text += "</tbody></table></div>\n";
  return out;
}

std::string page(std::string_view title, const Markup& body) {
  const std::string escaped_title = text::escape_markup(title);
  return text::concat(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"",
      kIcon, "\">\n<title>", escaped_title, "</title>\n<style>\n", kStyle, "</style>\n</head>\n<body>\n<main>\n<h1>",
      escaped_title, "</h1>\n", body.text, "</main>\n</body>\n</html>\n");
}

}  // namespace slipway::html
