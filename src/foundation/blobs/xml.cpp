#include "foundation/blobs/xml.h"

#include <charconv>
#include <cstdint>

#include "foundation/base/error.h"

namespace slipway::blobs {

namespace {

constexpr int kMaxDepth = 32;
constexpr std::string_view kBlank = " \t\r\n";

void append_utf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0U | (code >> 6U));
    out += static_cast<char>(0x80U | (code & 0x3fU));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0U | (code >> 12U));
    out += static_cast<char>(0x80U | ((code >> 6U) & 0x3fU));
    out += static_cast<char>(0x80U | (code & 0x3fU));
  } else {
    out += static_cast<char>(0xf0U | (code >> 18U));
    out += static_cast<char>(0x80U | ((code >> 12U) & 0x3fU));
    out += static_cast<char>(0x80U | ((code >> 6U) & 0x3fU));
    out += static_cast<char>(0x80U | (code & 0x3fU));
  }
}

class Parser {
 public:
  explicit Parser(std::string_view document) : document_(document) {}

  XmlElement run() {
    skip_misc();
    XmlElement root = element(1);
    skip_misc();
    if (at_ < document_.size()) fail("text after the end");
    return root;
  }

 private:
  [[noreturn]] void fail(std::string_view what) const {
    throw invalid_argument("malformed XML at byte ", at_, ": ", what);
  }

  bool starts(std::string_view text) const { return document_.substr(at_).starts_with(text); }

  void expect(std::string_view text) {
    if (!starts(text)) fail("something else was expected");
    at_ += text.size();
  }

  // Behind the next `end`; what lies before it.
  std::string_view until(std::string_view end) {
    const size_t found = document_.find(end, at_);
    if (found == std::string_view::npos) fail("the end is missing");
    const std::string_view out = document_.substr(at_, found - at_);
    at_ = found + end.size();
    return out;
  }

  void skip_blank() {
    while (at_ < document_.size() && kBlank.find(document_[at_]) != std::string_view::npos) ++at_;
  }

  // The declaration, comments and processing instructions around the root.
  void skip_misc() {
    for (;;) {
      skip_blank();
      if (starts("<?")) {
        until("?>");
      } else if (starts("<!--")) {
        until("-->");
      } else {
        return;
      }
    }
  }

  std::string_view name() {
    const size_t start = at_;
    while (at_ < document_.size() && (kBlank.find(document_[at_]) == std::string_view::npos) &&
           std::string_view("<>/=&'\"").find(document_[at_]) == std::string_view::npos) {
      ++at_;
    }
    if (at_ == start) fail("a name is missing");
    return document_.substr(start, at_ - start);
  }

  void skip_attributes() {
    for (;;) {
      skip_blank();
      if (starts(">") || starts("/>")) return;
      name();
      skip_blank();
      expect("=");
      skip_blank();
      const std::string_view quote = starts("'") ? "'" : "\"";
      expect(quote);
      until(quote);
    }
  }

  XmlElement element(int depth) {
    if (depth > kMaxDepth) fail("nested too deep");
    expect("<");
    if (starts("!")) fail("document types are not accepted");
    XmlElement out;
    out.name = std::string(name());
    skip_attributes();
    if (starts("/>")) {
      at_ += 2;
      return out;
    }
    expect(">");
    content(out, depth);
    if (name() != out.name) fail("the end tag does not match");
    skip_blank();
    expect(">");
    return out;
  }

  // Up to and with the `</` of the end tag.
  void content(XmlElement& out, int depth) {
    for (;;) {
      if (at_ >= document_.size()) fail("an end tag is missing");
      if (starts("</")) {
        at_ += 2;
        return;
      }
      if (starts("<!--")) {
        until("-->");
      } else if (starts("<![CDATA[")) {
        at_ += std::string_view("<![CDATA[").size();
        out.text += until("]]>");
      } else if (starts("<?")) {
        until("?>");
      } else if (starts("<")) {
        out.children.push_back(element(depth + 1));
      } else {
        text(out.text);
      }
    }
  }

  void text(std::string& out) {
    while (at_ < document_.size() && document_[at_] != '<') {
      if (document_[at_] == '&') {
        reference(out);
      } else {
        out += document_[at_++];
      }
    }
  }

  void reference(std::string& out) {
    ++at_;
    const std::string_view name = until(";");
    if (name == "amp") {
      out += '&';
    } else if (name == "lt") {
      out += '<';
    } else if (name == "gt") {
      out += '>';
    } else if (name == "quot") {
      out += '"';
    } else if (name == "apos") {
      out += '\'';
    } else {
      append_utf8(out, number(name));
    }
  }

  uint32_t number(std::string_view name) {
    if (!name.starts_with("#")) fail("unknown reference");
    const bool hexadecimal = name.starts_with("#x");
    const std::string_view digits = name.substr(hexadecimal ? 2 : 1);
    uint32_t code = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), code, hexadecimal ? 16 : 10);
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    if (error != std::errc() || end != digits.data() + digits.size() || code == 0 || code > 0x10ffff || surrogate) {
      fail("a reference names no character");
    }
    return code;
  }

  const std::string_view document_;
  size_t at_ = 0;
};

}  // namespace

std::string_view XmlElement::child_text(std::string_view child) const {
  for (const XmlElement& element : children) {
    if (element.name == child) return element.text;
  }
  return "";
}

XmlElement parse_xml(std::string_view document) { return Parser(document).run(); }

}  // namespace slipway::blobs
