#include "protocols/oip/metadata.h"

#include "foundation/base/json.h"
#include "foundation/base/text.h"
#include "protocols/oip/datatype.h"

namespace slipway::oip {

namespace {

using serving::ServedModel;

json::array tensors(const std::vector<packaging::ColumnSpec>& specs) {
  json::array list;
  for (const packaging::ColumnSpec& spec : specs) {
    json::object tensor;
    tensor["name"] = spec.name;
    tensor["datatype"] = name_of(datatype_of(spec.type));
    tensor["shape"] = json::array{-1};
    if (!spec.required) tensor["parameters"] = json::object{{"optional", true}};
    list.push_back(std::move(tensor));
  }
  return list;
}

json::object parameters(const ServedModel::Status& status) {
  json::object out;
  out["state"] = name_of(status.state);
  out["source"] = status.source;
  if (status.loaded_at_ms != 0) out["loaded_at"] = text::format_time_ms(status.loaded_at_ms);
  out["swaps"] = status.swaps;
  if (status.refused) {
    out["refused_version"] = status.refused->version;
    out["refused_reason"] = status.refused->reason;
    out["refused_at"] = text::format_time_ms(status.refused->at_ms);
  }
  return out;
}

}  // namespace

std::string server_metadata() {
  return json::write(json::object{
      {"name", "slipway"}, {"version", SLIPWAY_VERSION}, {"extensions", json::array{"binary_tensor_data"}}});
}

std::string model_metadata(const ServedModel& model) {
  const auto current = model.find_current();
  json::object out;
  out["name"] = model.name();
  out["versions"] = current == nullptr ? json::array{} : json::array{current->version};
  out["platform"] = "slipway";
  out["inputs"] = current == nullptr ? json::array{} : tensors(current->signature().inputs);
  out["outputs"] = current == nullptr ? json::array{} : tensors(current->signature().outputs);
  out["parameters"] = parameters(model.status());
  return json::write(out);
}

std::string repository_index(const ServedModel& model, bool only_ready) {
  const ServedModel::Status status = model.status();
  json::array list;
  if (status.state == ServedModel::State::kReady || !only_ready) {
    json::object entry;
    entry["name"] = model.name();
    entry["version"] = status.version;
    entry["state"] = status.state == ServedModel::State::kReady     ? "READY"
                     : status.state == ServedModel::State::kLoading ? "LOADING"
                                                                    : "UNAVAILABLE";
    entry["reason"] =
        status.refused ? "version " + status.refused->version + " refused: " + status.refused->reason : "";
    list.push_back(std::move(entry));
  }
  return json::write(list);
}

}  // namespace slipway::oip
