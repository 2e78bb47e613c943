#include <algorithm>
#include <iostream>
#include <memory>
#include <set>

#include "app/cli/all.h"
#include "app/cli/data_command.h"
#include "domains/data/repository.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

struct DagFlags {
  DataFlags data;
  bool dot = false;
  bool mermaid = false;
  bool markdown = false;
  bool json = false;
  std::string target;
};

// Stages by name, and which one feeds which.
struct Graph {
  std::vector<std::string> nodes;  // what comes first is first
  std::set<std::pair<std::string, std::string>> edges;
};

Graph graph_of(data::Repository& repository, const std::string& target) {
  const data::StageIndex index = repository.load_index();
  std::vector<size_t> wanted;
  if (!target.empty()) {
    for (const data::Target& found : index.find_targets(target, repository.seen_from())) wanted.push_back(found.stage);
  }
  Graph out;
  const std::vector<size_t> order = index.run_order(wanted);
  const auto name = [&](size_t stage) { return index.stages()[stage].address(repository.seen_from()); };
  for (const size_t stage : order) {
    out.nodes.push_back(name(stage));
    for (const size_t other : index.needs(stage)) {
      if (std::find(order.begin(), order.end(), other) != order.end()) out.edges.emplace(name(other), name(stage));
    }
  }
  return out;
}

void print_dot(const Graph& graph) {
  std::cout << "strict digraph {\n";
  for (const std::string& node : graph.nodes) std::cout << '"' << node << "\";\n";
  for (const auto& [from, to] : graph.edges) std::cout << '"' << from << "\" -> \"" << to << "\";\n";
  std::cout << "}\n";
}

void print_mermaid(const Graph& graph, bool markdown) {
  std::vector<std::string> nodes = graph.nodes;
  std::sort(nodes.begin(), nodes.end());
  const auto id = [&](const std::string& name) {
    return "node" + std::to_string(std::find(nodes.begin(), nodes.end(), name) - nodes.begin() + 1);
  };
  std::cout << (markdown ? "```mermaid\n" : "") << "flowchart TD";
  for (const std::string& node : nodes) std::cout << "\n\t" << id(node) << "[\"" << node << "\"]";
  for (const auto& [from, to] : graph.edges) std::cout << "\n\t" << id(from) << "-->" << id(to);
  std::cout << (markdown ? "\n```\n" : "\n");
}

// Each stage on a line, below what it needs; behind it what feeds it.
void print_plain(const Graph& graph) {
  for (const std::string& node : graph.nodes) {
    std::vector<std::string> from;
    for (const auto& [source, to] : graph.edges) {
      if (to == node) from.push_back(source);
    }
    std::cout << node << (from.empty() ? "" : "  <-  " + text::join(from, ", ")) << '\n';
  }
}

void print_json(const Graph& graph) {
  data::Value out = data::Value::map();
  out.set("nodes", data::Value::strings(graph.nodes));
  data::Value edges = data::Value::list();
  for (const auto& [from, to] : graph.edges) edges.push(data::Value::strings({from, to}));
  out.set("edges", std::move(edges));
  std::cout << python_json(out, data::KeyOrder::kAsIs) << '\n';
}

int run_dag(const DagFlags& flags) {
  return run_in_repository(flags.data, {kDataError, "", false}, [&](data::Repository& repository) {
    const Graph graph = graph_of(repository, flags.target);
    if (flags.json) {
      print_json(graph);
    } else if (flags.dot) {
      print_dot(graph);
    } else if (flags.mermaid || flags.markdown) {
      print_mermaid(graph, flags.markdown);
    } else {
      print_plain(graph);
    }
    return kExitOk;
  });
}

}  // namespace

Command dag_command() {
  return data_command("dag", "Show which stage feeds which", "  slipway dag --mermaid", [](CLI::App& parser) -> Action {
    const auto flags = std::make_shared<DagFlags>();
    declare_data_flags(parser, flags->data);
    parser.add_flag("--dot", flags->dot, "As Graphviz draws it");
    parser.add_flag("--mermaid", flags->mermaid, "As Mermaid draws it");
    parser.add_flag("--md", flags->markdown, "As Mermaid in Markdown");
    parser.add_flag("--json", flags->json, "As JSON: nodes and edges");
    parser.add_option("target", flags->target, "A stage and what it needs; default: all");
    return [flags] { return run_dag(*flags); };
  });
}

}  // namespace slipway::cli
