#include "foundation/git/writing.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/process.h"

namespace slipway::git {
namespace {

class GitWritingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    run({"init", "-q", "-b", "main"});
    run({"config", "user.name", "Test"});
    run({"config", "user.email", "test@localhost"});
    write("a.txt", "one\n");
    write("sub/b.txt", "two\n");
    write(".gitignore", "*.big\n");
    run({"add", "-A"});
    run({"commit", "-q", "-m", "first"});
  }
  void run(std::vector<std::string> words) {
    words.insert(words.begin(), {"git", "-C", folder_.path()});
    ProcessOptions options;
    last_ = "";
    options.on_line = [this](std::string_view line) { last_ += std::string(line) + "\n"; };
    ASSERT_EQ(run_process(words, options).exit_code, 0) << text::join(words, " ");
  }
  void write(const std::string& name, std::string_view content) { files::write_atomic(folder_.file(name), content); }

  files::TemporaryFolder folder_;
  std::string last_;
};

TEST_F(GitWritingTest, CommitsTheWorkTreeAndLeavesTheIndexAlone) {
  write("a.txt", "changed\n");
  std::filesystem::remove(folder_.file("sub/b.txt"));
  write("new/c.txt", "new\n");
  write("new/d.big", "ignored\n");
  write("other.txt", "untracked\n");
  const Repository repository(folder_.path());
  TreeDraft draft(repository);
  draft.take_tracked(repository);
  draft.take(repository, "new");
  const std::string head = repository.get_commit_id("HEAD");
  const std::string commit = create_commit(repository, {draft.write(), {head}, "an experiment"});
  set_reference(repository, "refs/exps/aa/bb/name", commit);
  EXPECT_EQ(repository.find_file(commit, "a.txt"), "changed\n");
  EXPECT_EQ(repository.find_file(commit, "sub/b.txt"), std::nullopt);
  EXPECT_EQ(repository.find_file(commit, "new/c.txt"), "new\n");
  EXPECT_EQ(repository.find_file(commit, "new/d.big"), std::nullopt);
  EXPECT_EQ(repository.find_file(commit, "other.txt"), std::nullopt);
  run({"log", "-1", "--format=%an <%ae> %s%n%P", "refs/exps/aa/bb/name"});
  EXPECT_EQ(last_, "Test <test@localhost> an experiment\n" + head + "\n");
  run({"status", "--short"});
  EXPECT_EQ(last_, " M a.txt\n D sub/b.txt\n?? new/\n?? other.txt\n");
  run({"fsck", "--strict"});
  EXPECT_TRUE(remove_reference(repository, "refs/exps/aa/bb/name"));
  EXPECT_FALSE(remove_reference(repository, "refs/exps/aa/bb/name"));
}

TEST_F(GitWritingTest, OverwritesTheWorkTree) {
  const Repository repository(folder_.path());
  const std::string first = repository.get_commit_id("HEAD");
  write("a.txt", "second\n");
  write("later.txt", "later\n");
  run({"add", "-A"});
  run({"commit", "-q", "-m", "second"});
  write("a.txt", "not saved\n");
  write("untracked.txt", "mine\n");
  overwrite_work_tree(repository, first);
  EXPECT_EQ(files::read(folder_.file("a.txt")), "one\n");
  EXPECT_FALSE(std::filesystem::exists(folder_.file("later.txt")));
  EXPECT_EQ(files::read(folder_.file("untracked.txt")), "mine\n");
}

TEST_F(GitWritingTest, MakesAScratchThatSharesObjects) {
  const Repository repository(folder_.path());
  write("a.txt", "changed\n");
  TreeDraft draft(repository);
  draft.take_tracked(repository);
  const files::TemporaryFolder elsewhere;
  const std::string place = elsewhere.file("scratch");
  create_scratch(repository, repository.get_commit_id("HEAD"), draft.write(), place);
  EXPECT_EQ(files::read(place + "/a.txt"), "changed\n");
  const Repository scratch(place);
  EXPECT_EQ(scratch.get_commit_id("HEAD"), repository.get_commit_id("HEAD"));
  files::write_atomic(place + "/sub/b.txt", "made there\n");
  TreeDraft result(repository);
  result.take_tracked(scratch);
  const std::string commit =
      create_commit(repository, {result.write(), {repository.get_commit_id("HEAD")}, "from elsewhere"});
  EXPECT_EQ(repository.find_file(commit, "sub/b.txt"), "made there\n");
  EXPECT_EQ(repository.find_file(commit, "a.txt"), "changed\n");
  EXPECT_EQ(files::read(folder_.file("sub/b.txt")), "two\n");
}

TEST_F(GitWritingTest, KnowsNamesOfReferences) {
  EXPECT_TRUE(is_reference_name("refs/exps/aa/bb/name"));
  EXPECT_FALSE(is_reference_name("refs/exps/aa/bb/a name"));
  EXPECT_FALSE(is_reference_name("refs/exps/aa/bb/a..b"));
}

}  // namespace
}  // namespace slipway::git
