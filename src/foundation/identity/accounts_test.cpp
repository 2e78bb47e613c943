// Accounts and permissions, on both databases.
#include "foundation/identity/accounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/base/error.h"
#include "foundation/identity/password.h"
#include "foundation/identity/permissions.h"
#include "foundation/sql/testing/private_postgres.h"

namespace slipway::identity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ErrorCode code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::kInternal;
}

std::string url_of(const std::string& database) {
  return database == "sqlite" ? "sqlite::memory:" : sql::PrivatePostgres::instance().new_database();
}

class AccountsTest : public ::testing::TestWithParam<const char*> {
 protected:
  static Resource experiment(const std::string& id) { return {ResourceKind::kExperiment, id}; }
  static Resource model(const std::string& name) { return {ResourceKind::kModel, name}; }
  static Caller caller_of(const User& user) { return {user.name, user.is_admin, Permission::kNone, user.id}; }
  void change(const std::function<void(GrantStore&)>& action) {
    database_->write([&](sql::Transaction& transaction) {
      GrantStore grants(transaction);
      action(grants);
    });
  }

  std::unique_ptr<sql::Database> database_ = sql::open_database(url_of(GetParam()));
  ManualClock clock_{1'700'000'000'000};
  Accounts accounts_{*database_, clock_};
  Permissions permissions_{*database_, Permission::kRead};
};

TEST_P(AccountsTest, AreMadeFoundChangedAndRemoved) {
  EXPECT_TRUE(accounts_.is_empty());
  EXPECT_TRUE(accounts_.create_first("admin", "a long password"));
  EXPECT_FALSE(accounts_.create_first("other", "a long password"));
  const User ann = accounts_.create("ann", "a long password");
  EXPECT_EQ(code_of([&] { accounts_.create("ann", "another password"); }), ErrorCode::kAlreadyExists);
  EXPECT_EQ(accounts_.get("ann").id, ann.id);
  EXPECT_EQ(code_of([&] { accounts_.get("bob"); }), ErrorCode::kNotFound);
  EXPECT_EQ(accounts_.list().size(), 2U);
  const uint64_t before = accounts_.changes();
  accounts_.set_password("ann", "the second password");
  EXPECT_GT(accounts_.changes(), before);
  EXPECT_TRUE(accounts_.has_password("ann", "the second password"));
  EXPECT_FALSE(accounts_.has_password("ann", "a long password"));
  EXPECT_FALSE(accounts_.has_password("bob", "a long password"));
  EXPECT_THAT(accounts_.find("ann")->password_hash, HasSubstr("$argon2id$"));
  permissions_.put(ann.id, experiment("1"), Permission::kManage);
  accounts_.remove("ann");
  EXPECT_THAT(permissions_.of_user(ann.id), IsEmpty());
  EXPECT_EQ(code_of([&] { accounts_.remove("ann"); }), ErrorCode::kNotFound);
  EXPECT_EQ(code_of([&] { accounts_.set_password("ann", "a long password"); }), ErrorCode::kNotFound);
}

TEST_P(AccountsTest, SomebodyStaysAdministrator) {
  accounts_.create_first("admin", "a long password");
  EXPECT_EQ(code_of([&] { accounts_.remove("admin"); }), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(code_of([&] { accounts_.set_admin("admin", false); }), ErrorCode::kFailedPrecondition);
  accounts_.create("ann", "a long password");
  accounts_.set_admin("ann", true);
  accounts_.set_admin("admin", false);
  EXPECT_FALSE(accounts_.get("admin").is_admin);
  accounts_.remove("admin");
}

TEST_P(AccountsTest, NamesAndPasswordsAreChecked) {
  for (const char* name : {"", "  ", "a:b", "a\nb"})
    EXPECT_EQ(code_of([&] { accounts_.create(name, "a long password"); }), ErrorCode::kInvalidArgument) << name;
  EXPECT_EQ(code_of([&] { accounts_.create("ann", "short"); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of([&] { accounts_.create("ann", std::string(1025, 'x')); }), ErrorCode::kInvalidArgument);
  EXPECT_GE(random_password().size(), 20U);
  EXPECT_NE(random_password(), random_password());
}

TEST_P(AccountsTest, PermissionsHoldForOneThingElseForAllElseByDefault) {
  const User ann = accounts_.create("ann", "a long password");
  const Caller caller = caller_of(ann);
  EXPECT_EQ(permissions_.of(caller, experiment("1")), Permission::kRead);
  permissions_.put(ann.id, experiment("*"), Permission::kNone);
  EXPECT_EQ(permissions_.of(caller, experiment("1")), Permission::kNone);
  EXPECT_EQ(permissions_.of(caller, model("1")), Permission::kRead) << "another kind";
  EXPECT_TRUE(permissions_.insert(ann.id, experiment("1"), Permission::kEdit));
  EXPECT_FALSE(permissions_.insert(ann.id, experiment("1"), Permission::kManage));
  EXPECT_EQ(permissions_.of(caller, experiment("1")), Permission::kEdit);
  EXPECT_TRUE(permissions_.update(ann.id, experiment("1"), Permission::kUse));
  EXPECT_FALSE(permissions_.update(ann.id, experiment("2"), Permission::kUse));
  EXPECT_EQ(permissions_.find(ann.id, experiment("1")), Permission::kUse);
  EXPECT_EQ(code_of([&] { permissions_.require(caller, experiment("1"), Permission::kEdit); }),
            ErrorCode::kPermissionDenied);
  EXPECT_THAT(permissions_.readable(caller, ResourceKind::kExperiment, {"3", "1", "2"}), ElementsAre("1"));
  EXPECT_TRUE(permissions_.remove(ann.id, experiment("1")));
  EXPECT_FALSE(permissions_.remove(ann.id, experiment("1")));
}

TEST_P(AccountsTest, CallersWithoutAnAccountHaveTheSameForEverything) {
  const Caller reader{"token", false, Permission::kRead, 0};
  EXPECT_EQ(permissions_.of(reader, experiment("1")), Permission::kRead);
  EXPECT_TRUE(permissions_.scope(reader, ResourceKind::kModel).sees_all());
  EXPECT_EQ(permissions_.of(*Caller::anybody(), experiment("1")), Permission::kManage);
  EXPECT_EQ(permissions_.of(Caller::nobody(), experiment("1")), Permission::kNone);
  EXPECT_FALSE(permissions_.scope(Caller::nobody(), ResourceKind::kModel).sees_all());
  EXPECT_THAT(permissions_.readable(Caller::nobody(), ResourceKind::kExperiment, {"1"}), IsEmpty());
}

TEST_P(AccountsTest, AScopeIsAConditionInSql) {
  const User ann = accounts_.create("ann", "a long password");
  database_->write([](sql::Transaction& transaction) {
    transaction.execute("CREATE TABLE things (id BIGINT)");
    for (int64_t id = 1; id <= 4; ++id) transaction.execute("INSERT INTO things (id) VALUES (?)", {id});
  });
  permissions_.put(ann.id, experiment("2"), Permission::kNone);
  permissions_.put(ann.id, experiment("3"), Permission::kEdit);
  const auto seen = [&](const Scope& scope) {
    const ScopeCondition condition = condition_of(scope, ResourceKind::kExperiment, "CAST(t.id AS TEXT)");
    const std::string where = condition.text.empty() ? "" : " WHERE " + condition.text;
    return database_->read_value<std::vector<int64_t>>([&](sql::Transaction& transaction) {
      return transaction.query_all<int64_t>("SELECT t.id FROM things t" + where + " ORDER BY t.id", condition.values,
                                            [](const sql::Row& row) { return row.get_int(0); });
    });
  };
  EXPECT_THAT(seen({}), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(seen(permissions_.scope(caller_of(ann), ResourceKind::kExperiment)), ElementsAre(1, 3, 4));
  permissions_.put(ann.id, experiment("*"), Permission::kNone);
  EXPECT_THAT(seen(permissions_.scope(caller_of(ann), ResourceKind::kExperiment)), ElementsAre(3));
  EXPECT_THAT(seen(permissions_.scope(Caller::nobody(), ResourceKind::kExperiment)), IsEmpty());
}

TEST_P(AccountsTest, PermissionsFollowTheThing) {
  change([](GrantStore& grants) {
    grants.insert(1, model("old"), Permission::kEdit);
    grants.insert(2, model("new"), Permission::kManage);
    grants.renamed(model("old"), "new");
  });
  EXPECT_EQ(permissions_.find(1, model("new")), Permission::kEdit);
  EXPECT_EQ(permissions_.find(1, model("old")), std::nullopt);
  EXPECT_EQ(permissions_.find(2, model("new")), std::nullopt) << "was for another thing of that name";
  change([](GrantStore& grants) { grants.removed(model("new")); });
  EXPECT_EQ(permissions_.find(1, model("new")), std::nullopt);
  permissions_.put(3, model("again"), Permission::kEdit);
  change([](GrantStore& grants) { grants.made(model("again"), 7); });
  EXPECT_EQ(permissions_.find(7, model("again")), Permission::kManage);
  EXPECT_EQ(permissions_.find(3, model("again")), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Databases, AccountsTest, ::testing::Values("sqlite", "postgresql"),
                         [](const auto& one) { return std::string(one.param); });

TEST(Permission, NamesAreThoseOfTheClients) {
  for (const char* name : {"READ", "USE", "EDIT", "MANAGE", "NO_PERMISSIONS"})
    EXPECT_EQ(name_of(required_permission(name)), name);
  EXPECT_EQ(parse_permission("DENY"), Permission::kNone);
  EXPECT_EQ(code_of([] { required_permission("read"); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(parse_resource_kind("prompt"), ResourceKind::kModel);
  EXPECT_EQ(parse_resource_kind("gateway_secret"), ResourceKind::kProviderSecret);
  EXPECT_EQ(parse_resource_kind("workspace"), std::nullopt);
}

}  // namespace
}  // namespace slipway::identity
