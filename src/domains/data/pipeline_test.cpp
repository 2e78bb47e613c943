#include "domains/data/pipeline.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <mutex>

#include "domains/data/lockfile.h"
#include "domains/data/resolve.h"
#include "domains/data/run_cache.h"
#include "domains/data/yaml.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::data {
namespace {

class Pipeline : public ::testing::Test {
 protected:
  Pipeline() {
    CreateOptions options;
    options.scm = false;
    Repository::create(folder_.path(), options);
    put("in.txt", "in\n");
  }
  void put(const std::string& name, std::string_view text) { files::write_atomic(folder_.file(name), text); }
  std::string get(const std::string& name) { return files::read(folder_.file(name)); }
  ReproduceResult run(ReproduceOptions options = {}, const std::vector<std::string>& targets = {}) {
    messages_.clear();
    const auto mutex = std::make_shared<std::mutex>();
    options.on_message = [this, mutex](std::string_view text) {
      const std::lock_guard guard(*mutex);
      messages_.append(text).append("\n");
    };
    if (!options.on_output) options.on_output = [](std::string_view, std::string_view) {};
    Repository repository(folder_.path());
    return reproduce(repository, targets, options);
  }
  static std::string outcomes(const ReproduceResult& result) {
    std::string out;
    for (const StageResult& stage : result.stages)
      out.append(stage.name).append(":").append(name_of(stage.outcome)).append(" ");
    return out;
  }

  files::TemporaryFolder folder_;
  std::string messages_;
};

constexpr std::string_view kTwo =
    "stages:\n  b:\n    cmd: cat a.txt a.txt > b.txt\n    deps: [a.txt]\n    outs: [b.txt]\n"
    "  a:\n    cmd: cp in.txt a.txt\n    deps: [in.txt]\n    outs: [a.txt]\n";

TEST_F(Pipeline, RunsInOrderRecordsAndThenSkips) {
  put("dvc.yaml", kTwo);
  EXPECT_EQ(outcomes(run()), "a:ran b:ran ");
  EXPECT_EQ(get("b.txt"), "in\nin\n");
  EXPECT_EQ(
      get("dvc.lock"),
      "schema: '2.0'\nstages:\n  a:\n    cmd: cp in.txt a.txt\n    deps:\n    - path: in.txt\n      hash: md5\n"
      "      md5: ba8d2b9408ed255ee92a112fe7ba59be\n      size: 3\n    outs:\n    - path: a.txt\n      hash: md5\n"
      "      md5: ba8d2b9408ed255ee92a112fe7ba59be\n      size: 3\n  b:\n    cmd: cat a.txt a.txt > b.txt\n"
      "    deps:\n    - path: a.txt\n      hash: md5\n      md5: ba8d2b9408ed255ee92a112fe7ba59be\n      size: 3\n"
      "    outs:\n    - path: b.txt\n      hash: md5\n      md5: 3dba07117530385f871f012de564107e\n      size: 6\n");
  EXPECT_EQ(outcomes(run()), "a:skipped b:skipped ");
  EXPECT_NE(messages_.find("Stage 'a' didn't change, skipping"), std::string::npos);
}

constexpr std::string_view kFastAndSlow =
    "stages:\n  fast:\n    cmd: cp in.txt fast.txt\n    deps: [in.txt]\n    outs: [fast.txt]\n"
    "  slow:\n    cmd: sleep 0.5 && cp in.txt slow.txt\n    deps: [in.txt]\n    outs: [slow.txt]\n";

TEST_F(Pipeline, WhateverGoesWrongWithOneStageIsThatStagesFailure) {
  put("dvc.yaml", kFastAndSlow);
  ReproduceOptions options;
  options.jobs = 2;
  options.on_error = OnStageError::kKeepGoing;
  options.confirm = [](const std::string& question) -> bool {
    if (question.find("fast") != std::string::npos) throw std::runtime_error("no answer");
    return true;
  };
  EXPECT_EQ(outcomes(run(options)), "fast:failed slow:ran ");
}

TEST_F(Pipeline, WhatEndsTheRunEarlyWaitsForTheStagesUnderWay) {
  put("dvc.yaml", std::string(kFastAndSlow) + "  bad:\n    cmd: sleep 0.1 && false\n    deps: [in.txt]\n");
  ReproduceOptions options;
  options.jobs = 3;
  options.on_error = OnStageError::kKeepGoing;
  options.on_warning = [](std::string_view) { throw std::runtime_error("nowhere to write"); };
  EXPECT_THROW(run(options), std::runtime_error);
  EXPECT_EQ(get("slow.txt"), "in\n") << "its thread used the run to its end";
}

TEST_F(Pipeline, WhatIsKnownIsTakenFromTheRunCache) {
  put("dvc.yaml", kTwo);
  run();
  const std::string lock = get("dvc.lock");
  put("in.txt", "two\n");
  EXPECT_EQ(outcomes(run()), "a:ran b:ran ");
  put("in.txt", "in\n");
  EXPECT_EQ(outcomes(run()), "a:from_cache b:from_cache ");
  EXPECT_EQ(get("dvc.lock"), lock);
  ::unlink(folder_.file("b.txt").c_str());
  EXPECT_EQ(outcomes(run()), "a:skipped b:from_cache ");
  EXPECT_EQ(get("b.txt"), "in\nin\n");
}

TEST_F(Pipeline, AFailingStageRecordsNothingAndStopsTheRest) {
  put("dvc.yaml",
      "stages:\n  a:\n    cmd: echo x > a.txt; exit 3\n    outs: [a.txt]\n"
      "  b:\n    cmd: cp a.txt b.txt\n    deps: [a.txt]\n    outs: [b.txt]\n");
  const ReproduceResult result = run();
  EXPECT_EQ(outcomes(result), "a:failed b:not_reached ");
  EXPECT_EQ(result.stages[0].error, "failed to run: echo x > a.txt; exit 3, exited with 3");
  EXPECT_FALSE(files::exists(folder_.file("dvc.lock")));
}

TEST_F(Pipeline, KeepGoingRunsWhatDoesNotNeedTheFailure) {
  put("dvc.yaml",
      "stages:\n  a:\n    cmd: exit 1\n    outs: [a.txt]\n  b:\n    cmd: cp a.txt b.txt\n    deps: [a.txt]\n"
      "    outs: [b.txt]\n  c:\n    cmd: echo > c.txt\n    outs: [c.txt]\n");
  ReproduceOptions options;
  options.on_error = OnStageError::kKeepGoing;
  EXPECT_EQ(outcomes(run(options)), "a:failed b:not_reached c:ran ");
}

TEST_F(Pipeline, IndependentStagesRunAtTheSameTime) {
  // Each waits for the other's sign, so one after the other would never end.
  put("dvc.yaml",
      "stages:\n  a:\n    cmd: touch s1; while [ ! -e s2 ]; do sleep 0.01; done; echo a > a.txt\n    outs: [a.txt]\n"
      "  b:\n    cmd: touch s2; while [ ! -e s1 ]; do sleep 0.01; done; echo b > b.txt\n    outs: [b.txt]\n");
  ReproduceOptions options;
  options.jobs = 2;
  EXPECT_EQ(outcomes(run(options)), "a:ran b:ran ");
  const std::string lock = get("dvc.lock");
  EXPECT_LT(lock.find("  a:"), lock.find("  b:"));
}

TEST_F(Pipeline, AChangedParameterRunsOnlyWhatUsesIt) {
  put("params.yaml", "lr: 0.1\nn: {k: [1, 2]}\n");
  put("dvc.yaml",
      "stages:\n  a:\n    cmd: echo a > a.txt\n    params: [lr]\n    outs: [a.txt]\n"
      "  b:\n    cmd: echo b > b.txt\n    params: [n.k]\n    outs: [b.txt]\n");
  run();
  EXPECT_NE(get("dvc.lock").find("        n.k:\n        - 1\n        - 2\n"), std::string::npos);
  put("params.yaml", "lr: 1.0e-1\nn: {k: [1, 3]}\n");
  EXPECT_EQ(outcomes(run()), "a:skipped b:ran ");
}

TEST_F(Pipeline, CancellingStopsTheCommandAndRecordsNothing) {
  put("dvc.yaml", "stages:\n  a:\n    cmd: touch started; sleep 60\n    outs: [a.txt]\n");
  ReproduceOptions options;
  options.cancelled = [this] { return files::exists(folder_.file("started")); };
  const ReproduceResult result = run(options);
  EXPECT_TRUE(result.interrupted);
  EXPECT_FALSE(files::exists(folder_.file("dvc.lock")));
}

TEST_F(Pipeline, PersistentOutputsStayAndOthersAreRemovedBefore) {
  put("dvc.yaml",
      "stages:\n  a:\n    cmd: cat log.txt; test ! -e o.txt && echo more >> log.txt && echo o > o.txt\n"
      "    outs:\n    - o.txt\n    - log.txt:\n        persist: true\n");
  put("log.txt", "first\n");
  EXPECT_EQ(outcomes(run()), "a:ran ");
  ReproduceOptions force;
  force.force = true;
  EXPECT_EQ(outcomes(run(force)), "a:ran ");
  EXPECT_EQ(get("log.txt"), "first\nmore\nmore\n");
}

TEST_F(Pipeline, MistakesInTheFileAreNamed) {
  for (const char* text : {"stages:\n  a:\n    outs: [x]\n", "stages:\n  a:\n    cmd: x\n    foo: 1\n", "stages: [1]\n",
                           "stages:\n  a:\n    cmd: x ${nope}\n", "bogus: 1\n",
                           "stages:\n  a:\n    cmd: x\n    deps: [y]\n    outs: [y]\n"}) {
    put("dvc.yaml", text);
    EXPECT_THROW(run(), Error) << text;
  }
  put("dvc.yaml",
      "stages:\n  a:\n    cmd: x\n    deps: [b]\n    outs: [a]\n  b:\n    cmd: x\n    deps: [a]\n    outs: [b]\n");
  EXPECT_THROW(run(), Error);
}

TEST(Resolve, TemplatesBecomePlainStages) {
  const Value pipeline = parse_yaml(
      "vars:\n- xs: [a, b]\n- m: {lr: 0.1, on: true, off: false, l: [1, 'x y']}\n"
      "stages:\n  t:\n    foreach: ${xs}\n    do:\n      cmd: echo ${item}\n      outs: ['${item}.o']\n"
      "  u:\n    foreach: {k1: {v: 1}}\n    do:\n      cmd: echo ${key} ${item.v}\n"
      "  m:\n    matrix: {p: [x, 1.5], q: [true, {z: 3}]}\n    cmd: echo ${item.p} ${key}\n"
      "  f:\n    cmd: run ${m} \\${HOME} ${xs[1]}\n",
      "dvc.yaml");
  std::string all;
  for (const StageDefinition& stage : resolve_pipeline(pipeline, "/nowhere", "dvc.yaml").stages) {
    all += stage.name + "=" + stage.fields.find("cmd")->text() + "\n";
  }
  EXPECT_EQ(all,
            "t@a=echo a\nt@b=echo b\nu@k1=echo k1 1\nm@x-true=echo x x-true\nm@x-q1=echo x x-q1\n"
            "m@1.5-true=echo 1.5 1.5-true\nm@1.5-q1=echo 1.5 1.5-q1\n"
            "f=run --lr 0.1 --on --l 1 'x y' ${HOME} b\n");
}

TEST(LockFile, AForeignSchemaIsRefused) {
  EXPECT_THROW(LockFile::parse("a:\n  cmd: x\n", "dvc.lock"), Error);
  EXPECT_NO_THROW(LockFile::parse("schema: '2.0'\nstages:\n  a:\n    cmd: x\n", "dvc.lock"));
}

}  // namespace
}  // namespace slipway::data
