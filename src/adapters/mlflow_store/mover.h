// The steps of move_store. Used by it alone.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "adapters/mlflow_store/move_store.h"
#include "foundation/base/error.h"
#include "foundation/base/text.h"

namespace slipway::mlflow_store {

class Mover {
 public:
  Mover(Source& source, Target& target, const MoveOptions& options)
      : source_(source), target_(target), options_(options) {}
  Report run();

 private:
  // What an experiment of the source is called in the target.
  struct Place {
    std::string id;
    std::string name;
  };

  void plan_experiments(const std::vector<tracking::Experiment>& experiments);
  void move_experiments(const std::vector<tracking::Experiment>& experiments);
  void move_runs(std::vector<tracking::StoredRun> runs);
  void move_points(const std::vector<tracking::RunId>& runs);
  void move_models(std::vector<tracking::LoggedModel> models);
  void move_registered(registry::StoredModel model);
  void move_traces(std::vector<traces::StoredTrace> traces);
  void move_datasets(std::vector<genai::StoredDataset> datasets);
  void move_records(const genai::DatasetId& dataset);
  void move_scorers(std::vector<genai::StoredScorer> scorers);
  void move_issues(std::vector<genai::Issue> issues);
  // Copies the files of `folder` to where `location` of the target says.
  void move_files(const std::string& owner, const ArtifactFolder& folder);

  tracking::Arrival put(const std::string& path, const ArtifactFile& file);

  // Of a store that knows its totals only at the end, so that progress is told all the same.
  void advance(int64_t items);
  TallyRow& row(Kind kind) { return report_.tally[kind]; }
  // Books `count` things of one owner.
  void book(Kind kind, tracking::Fate fate, size_t count);
  void book_run(tracking::Fate fate, const tracking::Run& run);
  void book_trace(tracking::Fate fate, const traces::StoredTrace& stored);
  void book_registered(tracking::Fate fate, const registry::StoredModel& model);
  void complain(const std::string& what, const tracking::Arrival& arrival);

  tracking::ExperimentId experiment_of(const tracking::ExperimentId& id) const;
  // A location of the source as the target calls it.
  std::string relocated(const std::string& location, const std::string& usual = "");
  std::optional<std::string> target_path(const ArtifactFolder& folder);
  std::string renumbered(const std::string& path) const;

  // Gives a portion to the target by `give`. When that fails for what is in it, goes on one by one, so that one bad row
  // costs only itself.
  template <typename Item, typename Give>
  std::vector<tracking::Arrival> take(const std::vector<Item>& items,
                                      const std::function<std::string(const Item&)>& name, const Give& give) {
    try {
      return give(items);
    } catch (const Error& error) {
      if (!is_of_content(error)) throw;
      if (items.size() == 1) {
        report_.add_problem(text::concat(name(items[0]), " could not be taken: ", error.what()));
        return {tracking::Arrival{tracking::Fate::kDifferent, ""}};
      }
    }
    std::vector<tracking::Arrival> out;
    for (const Item& item : items) out.push_back(take(std::vector<Item>{item}, name, give)[0]);
    return out;
  }
  template <typename Item>
  std::vector<tracking::Arrival> take(const std::vector<Item>& items,
                                      const std::function<std::string(const Item&)>& name) {
    return take(items, name, [this](const std::vector<Item>& some) { return target_.take(some); });
  }
  // Whether it lies in what was to be taken, not in the place it goes to.
  static bool is_of_content(const Error& error);

  Source& source_;
  Target& target_;
  const MoveOptions& options_;
  Report report_;
  std::map<std::string, Place> places_;  // by the source's id, only those that change
};

}  // namespace slipway::mlflow_store
