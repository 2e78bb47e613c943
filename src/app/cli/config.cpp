#include <iomanip>
#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/config_data.h"
#include "app/cli/settings.h"
#include "foundation/base/json.h"

namespace slipway::cli {

Command config_command() {
  Command command;
  command.name = "config";
  command.group = "Setup";
  command.summary = "Show every setting and where it comes from; show or change those of tracked data";
  command.example = "  SLIPWAY_LISTEN=127.0.0.1:8000 slipway config\n  slipway config cache.type hardlink";
  command.usage_exit_code = kDataUsage;
  command.declare = [](CLI::App& app) -> Action {
    const auto as_json = std::make_shared<bool>(false);
    const auto of_data = std::make_shared<DataConfigFlags>();
    app.add_flag("--json", *as_json, "Print the program's own settings as JSON");
    declare_data_config(app, *of_data);
    return [as_json, of_data] {
      if (of_data->is_meant()) return run_data_config(*of_data);
      const Settings settings = Settings::load(setting_specs());
      json::array rows;
      for (const SettingSpec& spec : settings.specs()) {
        const Setting setting = settings.get(spec.name);
        const std::string shown = printable_value(spec, setting.value);
        if (*as_json) {
          rows.emplace_back(json::object{{"name", spec.name},
                                         {"value", shown},
                                         {"origin", setting.origin},
                                         {"environment", environment_name(spec.name)},
                                         {"help", spec.help}});
        } else {
          std::cout << std::left << std::setw(18) << spec.name << std::setw(30) << (shown.empty() ? "-" : shown)
                    << setting.origin << '\n';
        }
      }
      if (*as_json) std::cout << json::write_pretty(rows);
      return kExitOk;
    };
  };
  return command;
}

}  // namespace slipway::cli
