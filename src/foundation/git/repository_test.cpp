#include "foundation/git/repository.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/process.h"

namespace slipway::git {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A work tree made with the program `git` itself, so that what is read is what it writes.
class GitTest : public ::testing::Test {
 protected:
  void SetUp() override {
    run({"init", "-q", "-b", "main"});
    write("a.txt", "one\n");
    write("sub/b.txt", "two\n");
    commit("first", 1'700'000'000);
    write("a.txt", "three\n");
    commit("second\n\nwith a body\n", 1'700'000'100);
  }
  void run(std::vector<std::string> words) {
    words.insert(words.begin(), {"git", "-C", folder_.path()});
    ProcessOptions options;
    options.on_line = [this](std::string_view line) { last_line_ = line; };
    options.environment = environment_;
    ASSERT_EQ(run_process(words, options).exit_code, 0) << text::join(words, " ");
  }
  void write(const std::string& name, std::string_view content) { files::write_atomic(folder_.file(name), content); }
  void commit(const std::string& message, int64_t time_s) {
    for (const char* who : {"AUTHOR", "COMMITTER"}) {
      environment_[text::concat("GIT_", who, "_NAME")] = "Test";
      environment_[text::concat("GIT_", who, "_EMAIL")] = "test@localhost";
      environment_[text::concat("GIT_", who, "_DATE")] = text::concat(time_s, " +0130");
    }
    run({"add", "-A"});
    run({"commit", "-q", "-m", message});
  }
  std::string id_of(const std::string& revision) {
    run({"rev-parse", revision});
    return last_line_;
  }

  files::TemporaryFolder folder_;
  std::map<std::string, std::string> environment_;
  std::string last_line_;
};

TEST_F(GitTest, IsFoundFromAFolderInside) {
  const auto found = Repository::find(folder_.file("sub"));
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->work_folder(), std::filesystem::canonical(folder_.path()));
  EXPECT_EQ(found->git_folder(), found->work_folder() + "/.git");
  EXPECT_EQ(found->head_branch(), "refs/heads/main");
  const files::TemporaryFolder elsewhere;
  EXPECT_EQ(Repository::find(elsewhere.path()), nullptr);
  EXPECT_THROW(Repository(elsewhere.path()), Error);
}

TEST_F(GitTest, ResolvesRevisions) {
  run({"tag", "-a", "v1", "-m", "a tag", "HEAD~1"});
  const Repository repository(folder_.path());
  EXPECT_EQ(repository.find_commit("HEAD"), id_of("HEAD"));
  EXPECT_EQ(repository.find_commit("main^"), id_of("HEAD~1"));
  EXPECT_EQ(repository.find_commit("v1"), id_of("HEAD~1"));
  EXPECT_EQ(repository.find_commit(id_of("HEAD").substr(0, 9)), id_of("HEAD"));
  for (const char* unknown : {"nothing", "", "HEAD~9", "HEAD:a.txt", "refs/heads/..", "\xff"}) {
    EXPECT_EQ(repository.find_commit(unknown), std::nullopt) << unknown;
  }
  EXPECT_THROW(static_cast<void>(repository.get_commit_id("nothing")), Error);
}

TEST_F(GitTest, AnEmptyRepositoryHasNoHead) {
  const files::TemporaryFolder fresh;
  run({"init", "-q", "-b", "main", fresh.path()});
  const Repository repository(fresh.path());
  EXPECT_EQ(repository.find_commit("HEAD"), std::nullopt);
  EXPECT_EQ(repository.head_branch(), "refs/heads/main");
  EXPECT_THAT(repository.references("refs/"), IsEmpty());
}

TEST_F(GitTest, ReadsACommit) {
  const Repository repository(folder_.path());
  const Commit commit = repository.get_commit(id_of("HEAD"));
  EXPECT_EQ(commit.id, id_of("HEAD"));
  EXPECT_EQ(commit.tree, id_of("HEAD^{tree}"));
  EXPECT_THAT(commit.parents, ElementsAre(id_of("HEAD~1")));
  EXPECT_EQ(commit.message, "second\n\nwith a body\n");
  EXPECT_EQ(commit.author.name, "Test");
  EXPECT_EQ(commit.committer.email, "test@localhost");
  EXPECT_EQ(commit.committer.time_s, 1'700'000'100);
  EXPECT_EQ(commit.committer.offset_minutes, 90);
  EXPECT_THROW(static_cast<void>(repository.get_commit("HEAD")), Error);
  EXPECT_THROW(static_cast<void>(repository.get_commit(std::string(40, '1'))), Error);
}

TEST_F(GitTest, ReadsFoldersAndFilesOfAnyCommit) {
  std::filesystem::create_symlink("a.txt", folder_.file("link"));
  write("run.sh", "#!/bin/sh\n");
  std::filesystem::permissions(folder_.file("run.sh"), std::filesystem::perms::owner_all);
  commit("third", 1'700'000'200);
  const Repository repository(folder_.path());
  const std::string head = id_of("HEAD");
  std::vector<std::string> shown;
  for (const Entry& entry : repository.list(head, "")) {
    shown.push_back(text::concat(entry.name, " ", static_cast<int>(entry.kind)));
  }
  EXPECT_THAT(shown, ElementsAre("a.txt 0", "link 2", "run.sh 1", "sub 3"));
  EXPECT_THAT(repository.list(head, "sub"), SizeIs(1));
  EXPECT_THROW(static_cast<void>(repository.list(head, "a.txt")), Error);
  EXPECT_THROW(static_cast<void>(repository.list(head, "none")), Error);
  EXPECT_EQ(repository.find_file(head, "a.txt"), "three\n");
  EXPECT_EQ(repository.find_file(id_of("HEAD~2"), "a.txt"), "one\n");
  EXPECT_EQ(repository.find_file(head, "sub/b.txt"), "two\n");
  EXPECT_EQ(repository.find_file(head, "sub"), std::nullopt);
  EXPECT_EQ(repository.find_file(head, "sub/none"), std::nullopt);
  EXPECT_EQ(repository.blob_size(repository.find_entry(head, "a.txt")->id), 6U);
}

TEST_F(GitTest, ListsHistoryAndReferences) {
  run({"branch", "old", "HEAD~1"});
  run({"tag", "v1"});
  run({"update-ref", "refs/exps/12/34/name", "HEAD"});
  const Repository repository(folder_.path());
  const auto log = repository.log({id_of("HEAD")});
  ASSERT_THAT(log, SizeIs(2));
  EXPECT_EQ(log[0].id, id_of("HEAD"));
  EXPECT_EQ(log[1].id, id_of("HEAD~1"));
  LogOptions one;
  one.limit = 1;
  EXPECT_THAT(repository.log({id_of("HEAD"), id_of("old")}, one), SizeIs(1));
  const auto heads = repository.references("refs/heads/");
  ASSERT_THAT(heads, SizeIs(2));
  EXPECT_EQ(heads[0].name, "refs/heads/main");
  EXPECT_EQ(heads[1].commit, id_of("HEAD~1"));
  const auto experiments = repository.references("refs/exps/");
  ASSERT_THAT(experiments, SizeIs(1));
  EXPECT_EQ(experiments[0].name, "refs/exps/12/34/name");
}

TEST_F(GitTest, FollowsFirstParentsOnly) {
  run({"checkout", "-q", "-b", "side", "HEAD~1"});
  write("side.txt", "side\n");
  commit("side", 1'700'000'150);
  run({"checkout", "-q", "main"});
  run({"merge", "-q", "--no-ff", "-m", "merge", "side"});
  const Repository repository(folder_.path());
  LogOptions options;
  EXPECT_THAT(repository.log({id_of("HEAD")}, options), SizeIs(4));
  options.first_parent = true;
  EXPECT_THAT(repository.log({id_of("HEAD")}, options), SizeIs(3));
}

TEST_F(GitTest, TellsWhatChangedAndStages) {
  write("a.txt", "changed\n");
  write("new/c.txt", "new\n");
  write("staged.txt", "staged\n");
  std::filesystem::remove(folder_.file("sub/b.txt"));
  Repository repository(folder_.path());
  repository.stage({"staged.txt", "sub/b.txt"});
  const WorkStatus status = repository.status();
  ASSERT_THAT(status.staged, SizeIs(2));
  EXPECT_EQ(text::concat(status.staged[0].kind, status.staged[0].path), "Astaged.txt");
  EXPECT_EQ(text::concat(status.staged[1].kind, status.staged[1].path), "Dsub/b.txt");
  ASSERT_THAT(status.unstaged, SizeIs(1));
  EXPECT_EQ(text::concat(status.unstaged[0].kind, status.unstaged[0].path), "Ma.txt");
  EXPECT_THAT(status.untracked, ElementsAre("new/c.txt"));
  EXPECT_THROW(repository.stage({"../elsewhere"}), Error);
}

TEST_F(GitTest, ReadsALinkedWorkTree) {
  const files::TemporaryFolder beside;
  run({"worktree", "add", "-q", beside.file("tree"), "-b", "other"});
  const Repository repository(beside.file("tree"));
  EXPECT_EQ(repository.head_branch(), "refs/heads/other");
  EXPECT_EQ(repository.find_commit("HEAD"), id_of("main"));
  EXPECT_EQ(repository.common_folder(), std::filesystem::canonical(folder_.path()).string() + "/.git");
}

}  // namespace
}  // namespace slipway::git
