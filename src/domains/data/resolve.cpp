#include "domains/data/resolve.h"

#include <algorithm>

#include "domains/data/params.h"
#include "domains/data/paths.h"
#include "domains/data/shell_words.h"
#include "foundation/base/error.h"

namespace slipway::data {

namespace {

constexpr size_t kMaxStages = 100'000;

std::string flag_word(const Value& value) { return value.is_string() ? shell_quoted(value.text()) : plain_text(value); }

void append_flags(const Value& map, const std::string& prefix, const FlagStyle& style, std::string& out) {
  for (const Member& member : map.members()) {
    const std::string name = prefix + member.key;
    const Value& value = member.value;
    if (value.is_map()) {
      append_flags(value, name + ".", style, out);
    } else if (value.kind() == Value::Kind::kBool) {
      if (value.as_bool()) {
        out.append("--").append(name).append(" ");
      } else if (style.negative_flags) {
        out.append("--no-").append(name).append(" ");
      }
    } else if (value.is_list()) {
      bool first = true;
      for (const Value& item : value.items()) {
        if (item.is_collection()) throw invalid_argument("Cannot interpolate nested iterable in '", name, "'");
        if (first || style.repeat_list_flag) out.append("--").append(name).append(" ");
        out.append(flag_word(item)).append(" ");
        first = false;
      }
    } else {
      out.append("--").append(name).append(" ").append(flag_word(value)).append(" ");
    }
  }
}

std::string type_name(const Value& value) { return value.is_map() ? "dict" : "list"; }

std::string embedded_text(const Value& value, bool in_command, const FlagStyle& style) {
  if (!value.is_collection()) return plain_text(value);
  if (!value.is_map() || !in_command) {
    throw invalid_argument("Cannot interpolate data of type '", type_name(value), "'");
  }
  std::string out;
  append_flags(value, "", style, out);
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

// The next ${ that is not escaped, at or after `from`.
size_t find_open(std::string_view text, size_t from) {
  for (size_t at = text.find("${", from); at != std::string_view::npos; at = text.find("${", at + 1)) {
    if ((at == 0 || text[at - 1] != '\\') && text.find('}', at) != std::string_view::npos) return at;
  }
  return std::string_view::npos;
}

Value lookup(const Value& context, std::string_view key) {
  if (auto found = select_key(context, key)) return std::move(*found);
  throw invalid_argument("Could not find '", key, "'");
}

// Later values join maps of earlier ones; a value that is there already may not be named again.
void merge(const Value& from, Value& into, const std::string& source) {
  for (const Member& member : from.members()) {
    Value* known = into.find(member.key);
    if (known == nullptr) {
      into.members().push_back(member);
    } else if (known->is_map() && member.value.is_map()) {
      merge(member.value, *known, source);
    } else {
      throw invalid_argument("cannot redefine '", member.key, "' from '", source, "' as it already exists");
    }
  }
}

class Resolver {
 public:
  Resolver(std::string folder, std::string name, const FlagStyle& style, const FileSource& source)
      : folder_(std::move(folder)), name_(std::move(name)), style_(style), source_(source) {}

  ResolvedPipeline run(const Value& pipeline) {
    std::vector<std::string> loaded;
    Value context = Value::map();
    if (source_.exists(folder_ + "/params.yaml")) load_file("params.yaml", folder_, context, loaded);
    load_vars(pipeline.find("vars"), folder_, context, loaded);
    for (const Member& member : pipeline.members()) {
      if (member.key == "stages" || member.key == "vars") continue;
      out_.others.set(member.key, resolved(member.value, context, text::concat("'", member.key, "'"), "others"));
    }
    const Value* stages = pipeline.find("stages");
    if (stages == nullptr || stages->is_null()) return std::move(out_);
    if (!stages->is_map()) throw fault("'stages'", "it must hold names and definitions");
    for (const Member& member : stages->members()) {
      if (!member.value.is_map()) throw fault(text::concat("stage '", member.key, "'"), "it must hold keys and values");
      define(member.key, member.value, context, loaded);
    }
    return std::move(out_);
  }

 private:
  void define(const std::string& name, const Value& fields, const Value& context,
              const std::vector<std::string>& loaded) {
    if (name.find_first_of(",:;!@#$%^&*()+={}[]|<>\"'/\\ ") != std::string::npos) {
      throw fault(text::concat("stage '", name, "'"), "a name holds letters, digits, '-', '_' and '.' only");
    }
    if (fields.find("foreach") != nullptr) {
      define_foreach(name, fields, context, loaded);
    } else if (fields.find("matrix") != nullptr) {
      define_matrix(name, fields, context, loaded);
    } else {
      add(name, fields, context, loaded);
    }
  }

  void define_foreach(const std::string& name, const Value& fields, const Value& context,
                      const std::vector<std::string>& loaded) {
    const Value* body = fields.find("do");
    if (body == nullptr || !body->is_map()) throw fault(text::concat("stage '", name, "'"), "'foreach' needs 'do'");
    const Value over =
        resolved(*fields.find("foreach"), context, text::concat("'stages.", name, ".foreach'"), "foreach");
    if (!over.is_collection()) {
      throw fault(text::concat("'stages.", name, ".foreach'"), "expected list/dictionary");
    }
    const bool by_index =
        std::any_of(over.items().begin(), over.items().end(), [](const Value& item) { return item.is_collection(); });
    for (size_t i = 0; i < over.items().size(); ++i) {
      const Value& item = over.items()[i];
      add(text::concat(name, "@", by_index ? std::to_string(i) : plain_text(item)), *body, with(context, "item", item),
          loaded);
    }
    for (const Member& member : over.members()) {
      const Value inner = with(with(context, "item", member.value), "key", Value::string(member.key));
      add(text::concat(name, "@", member.key), *body, inner, loaded);
    }
  }

  void define_matrix(const std::string& name, const Value& fields, const Value& context,
                     const std::vector<std::string>& loaded) {
    const Value axes = resolved(*fields.find("matrix"), context, text::concat("'stages.", name, ".matrix'"), "foreach");
    Value body = fields;
    body.erase("matrix");
    std::vector<std::pair<std::string, Value>> made = {{"", Value::map()}};
    for (const Member& axis : axes.members()) {
      std::vector<std::pair<std::string, Value>> wider;
      if (!axis.value.is_list()) throw fault(text::concat("'stages.", name, ".matrix'"), "each axis must be a list");
      for (const auto& [key, item] : made) {
        for (size_t i = 0; i < axis.value.items().size(); ++i) {
          const Value& value = axis.value.items()[i];
          const std::string piece = value.is_collection() ? text::concat(axis.key, i) : plain_text(value);
          wider.emplace_back(key.empty() ? piece : text::concat(key, "-", piece), with(item, axis.key, value));
          if (wider.size() > kMaxStages) throw fault(text::concat("stage '", name, "'"), "its matrix is too large");
        }
      }
      made = std::move(wider);
    }
    for (const auto& [key, item] : made) {
      add(text::concat(name, "@", key), body, with(with(context, "item", item), "key", Value::string(key)), loaded);
    }
  }

  void add(const std::string& name, const Value& fields, const Value& context, std::vector<std::string> loaded) {
    if (out_.stages.size() >= kMaxStages) throw fault("'stages'", "there are too many");
    Value body = fields;
    body.erase("vars");
    Value own = context;
    if (fields.find("vars") != nullptr) {
      const Value* wdir = fields.find("wdir");
      const std::string folder =
          wdir == nullptr ? folder_
                          : paths::join(folder_, plain_text(interpolate(wdir->text(), context, false, style_)));
      load_vars(fields.find("vars"), folder, own, loaded);
    }
    StageDefinition made;
    made.name = name;
    made.fields = Value::map();
    for (const Member& member : body.members()) {
      const std::string where = text::concat("'stages.", name, ".", member.key, "'");
      made.fields.set(member.key, resolved(member.value, own, where, member.key));
    }
    out_.stages.push_back(std::move(made));
  }

  Value resolved(const Value& value, const Value& context, const std::string& where, std::string_view key) const {
    try {
      return resolve(value, context, key);
    } catch (const Error& error) {
      throw fault(where, error.what());
    }
  }

  Value resolve(const Value& value, const Value& context, std::string_view key) const {
    if (value.is_string()) {
      Value out = interpolate(value.text(), context, key == "cmd", style_);
      const bool allowed = !out.is_collection() || key == "foreach" || (out.is_map() && key == "cmd");
      if (!allowed) throw invalid_argument("Cannot interpolate data of type '", type_name(out), "'");
      return out;
    }
    if (!value.is_collection()) return value;
    Value out = value.is_map() ? Value::map() : Value::list();
    for (const Value& item : value.items()) out.push(resolve(item, context, key));
    for (const Member& member : value.members()) {
      const bool plain = member.key.find("${") == std::string::npos;
      const std::string name = plain ? member.key : plain_text(interpolate(member.key, context, false, style_));
      out.members().push_back({name, resolve(member.value, context, key), member.typed_key});
    }
    return out;
  }

  static Value with(const Value& context, const std::string& key, const Value& value) {
    Value out = context;
    out.set(key, value);
    return out;
  }

  void load_vars(const Value* vars, const std::string& folder, Value& context, std::vector<std::string>& loaded) const {
    if (vars == nullptr || vars->is_null()) return;
    if (!vars->is_list()) throw fault("'vars'", "it must be a list");
    for (const Value& item : vars->items()) {
      if (item.is_map()) {
        merge_into(item, context, "vars");
      } else {
        load_file(plain_text(item), folder, context, loaded);
      }
    }
  }

  // "file" or "file:key,key".
  void load_file(const std::string& item, const std::string& folder, Value& context,
                 std::vector<std::string>& loaded) const {
    const size_t colon = item.find(':');
    const std::string path = paths::join(folder, item.substr(0, colon));
    if (colon == std::string::npos && std::find(loaded.begin(), loaded.end(), path) != loaded.end()) return;
    if (!source_.exists(path)) throw fault("'vars'", text::concat("'", item, "' does not exist"));
    Value values = read_params_file(path, source_);
    if (!values.is_map()) throw fault("'vars'", text::concat("expected a dictionary in file '", item, "'"));
    if (colon == std::string::npos) {
      loaded.push_back(path);
      return merge_into(values, context, item);
    }
    Value picked = Value::map();
    for (const std::string& key : text::split(item.substr(colon + 1), ',')) {
      const Value* found = values.find(key);
      if (found == nullptr) throw fault("'vars'", text::concat("could not find '", key, "' in '", path, "'"));
      picked.set(key, *found);
    }
    merge_into(picked, context, item);
  }

  void merge_into(const Value& from, Value& context, const std::string& source) const {
    try {
      merge(from, context, source);
    } catch (const Error& error) {
      throw fault("'vars'", error.what());
    }
  }

  Error fault(std::string_view where, std::string_view what) const {
    return invalid_argument("failed to parse ", where, " in '", name_, "': ", what);
  }

  const std::string folder_;
  const std::string name_;
  const FlagStyle style_;
  const FileSource& source_;
  ResolvedPipeline out_;
};

}  // namespace

Value interpolate(std::string_view text, const Value& context, bool in_command, const FlagStyle& style) {
  size_t open = find_open(text, 0);
  if (open == 0 && text.find('}') == text.size() - 1) {
    Value whole = lookup(context, text.substr(2, text.size() - 3));
    return in_command && whole.is_map() ? Value::string(embedded_text(whole, true, style)) : whole;
  }
  std::string out;
  size_t done = 0;
  for (; open != std::string_view::npos; open = find_open(text, done)) {
    const size_t close = text.find('}', open);
    out.append(text.substr(done, open - done));
    out.append(embedded_text(lookup(context, text.substr(open + 2, close - open - 2)), in_command, style));
    done = close + 1;
  }
  out.append(text.substr(done));
  return Value::string(text::replace_all(out, "\\${", "${"));
}

ResolvedPipeline resolve_pipeline(const Value& pipeline, const std::string& folder, const std::string& name,
                                  const FlagStyle& style, const FileSource& source) {
  return Resolver(folder, name, style, source).run(pipeline);
}

}  // namespace slipway::data
