#include "domains/gateway/gateway.h"

#include "domains/gateway/catalog.h"
#include "domains/gateway/pairs.h"
#include "domains/gateway/routing.h"
#include "domains/tracking/tracking_fixture.h"
#include "foundation/identity/grant_store.h"
#include "foundation/identity/permissions.h"
#include "foundation/sql/testing/private_postgres.h"

namespace slipway::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

UrlCheck only_https() {
  return [](const std::string& url) {
    if (url.rfind("https://", 0) != 0) throw invalid_argument("bad address");
  };
}

class GatewayTest : public tracking::TrackingFixture, public ::testing::WithParamInterface<std::string> {
 protected:
  GatewayTest()
      : TrackingFixture(GetParam() == "sqlite" ? "sqlite::memory:" : sql::PrivatePostgres::instance().new_database()) {}

  SecretInfo secret(const std::string& name = "key", const Pairs& config = {}, int64_t maker = 0) {
    return gateway_.secrets().create({name, {{"api_key", "sk-1234567890"}}, "openai", config, "ann", maker});
  }
  ModelDefinition definition(const std::string& name, const std::string& secret_id,
                             const std::string& provider = "openai") {
    return gateway_.definitions().create({name, secret_id, provider, "model-of-" + name, "ann", 0});
  }
  static ModelConfig primary(const ModelDefinition& definition, double weight = 1) {
    return {definition.id, Linkage::kPrimary, weight, {}};
  }
  static ModelConfig fallback(const ModelDefinition& definition, std::optional<int64_t> order) {
    return {definition.id, Linkage::kFallback, 1, order};
  }
  static NewEndpoint wanted(const std::string& name, std::vector<ModelConfig> models) {
    NewEndpoint out;
    out.name = name;
    out.models = std::move(models);
    return out;
  }
  static std::vector<std::string> models_of(const Plan& plan) {
    std::vector<std::string> out;
    for (const Upstream& upstream : plan.attempts) out.push_back(upstream.model_name);
    return out;
  }

  identity::Permissions permissions_{*database_};
  SecretBox box_{"a passphrase", ""};
  Gateway gateway_{*database_, tracking_, clock_, ids_, box_, {only_https(), true}};
};

TEST_P(GatewayTest, KeepsSecretsSealed) {
  const SecretInfo made = secret("key", {{"api_base", " https://example.com/v1 "}, {"organization", "o"}});
  EXPECT_THAT(made.id, ::testing::MatchesRegex("s-[0-9a-f]{32}"));
  EXPECT_EQ(made.masked_values, (Pairs{{"api_key", "sk-...7890"}}));
  EXPECT_EQ(made.auth_config, (Pairs{{"api_base", "https://example.com/v1"}, {"organization", "o"}}));
  const SecretInfo found = gateway_.secrets().get(made.id);
  EXPECT_EQ(found.masked_values, made.masked_values);
  EXPECT_EQ(found.stamp.created_by, "ann");
  EXPECT_EQ(gateway_.secrets().get_by_name("key").id, made.id);
  std::string row;
  database_->read([&](sql::Transaction& transaction) {
    transaction.query("SELECT sealed, masked, auth_config FROM gateway_secrets", {},
                      [&](const sql::Row& each) { row = each.get_bytes(0) + each.get_text(1) + each.get_text(2); });
  });
  EXPECT_THAT(row, Not(HasSubstr("1234567")));

  SecretChange change;
  change.values = Pairs{{"api_key", "short"}};
  change.auth_config = Pairs{{"api_base", " "}};
  const SecretInfo changed = gateway_.secrets().update(made.id, change);
  EXPECT_EQ(changed.masked_values, (Pairs{{"api_key", "***"}}));
  EXPECT_THAT(changed.auth_config, IsEmpty());
  EXPECT_GT(changed.stamp.updated_ms, made.stamp.updated_ms) << "though the clock stood still";
  gateway_.secrets().remove(made.id);
  EXPECT_EQ(fault(ErrorCode::kNotFound, [&] { gateway_.secrets().get(made.id); }),
            "GatewaySecret not found (secret_id='" + made.id + "')");
}

TEST_P(GatewayTest, RefusesSecretsThatSayWhereRequestsGo) {
  const auto create = [&](const Pairs& values, const Pairs& config) {
    return fault(ErrorCode::kInvalidArgument, [&] {
      gateway_.secrets().create({"x", values, "openai", config, "", 0});
    });
  };
  EXPECT_THAT(create({{"api_base", "https://example.com"}}, {}), HasSubstr("auth_config"));
  EXPECT_THAT(create({{"base_url", "https://example.com"}}, {}), HasSubstr("base_url"));
  EXPECT_THAT(create({{"k", "v"}}, {{"custom_llm_provider", "x"}}), HasSubstr("custom_llm_provider"));
  EXPECT_EQ(create({{"k", "v"}}, {{"api_base", "http://10.0.0.1"}}), "bad address");
  EXPECT_THAT(create({{"", "v"}}, {}), HasSubstr("without a name"));
  EXPECT_THAT(create({{"k", std::string("\xff")}}, {}), HasSubstr("not text"));
  secret("taken");
  EXPECT_EQ(fault(ErrorCode::kAlreadyExists, [&] { secret("taken"); }), "Secret with name 'taken' already exists");
}

TEST_P(GatewayTest, AnotherKeyOpensNothing) {
  gateway_.endpoints().create(wanted("chat", {primary(definition("a", secret().id))}));
  SecretBox other("another passphrase", "");
  Gateway stranger(*database_, tracking_, clock_, ids_, other, {only_https(), true});
  fault(ErrorCode::kDataLoss, [&] { stranger.plan("chat"); });
}

TEST_P(GatewayTest, DefinitionsOutliveTheirSecrets) {
  const SecretInfo key = secret();
  const ModelDefinition made = definition("gpt", key.id);
  EXPECT_EQ(made.secret_name, "key");
  EXPECT_EQ(fault(ErrorCode::kAlreadyExists, [&] { definition("gpt", key.id); }),
            "Model definition with name 'gpt' already exists");
  fault(ErrorCode::kNotFound, [&] { definition("other", "s-none"); });
  ModelDefinitionChange change;
  change.provider = "anthropic";
  change.name = "gpt";
  EXPECT_EQ(gateway_.definitions().update(made.id, change).provider, "anthropic");
  EXPECT_THAT(gateway_.definitions().list({"anthropic", key.id}), SizeIs(1));
  EXPECT_THAT(gateway_.definitions().list({"openai", ""}), IsEmpty());
  gateway_.endpoints().create(wanted("chat", {primary(made)}));
  EXPECT_THAT(fault(ErrorCode::kFailedPrecondition, [&] { gateway_.definitions().remove(made.id); }),
              HasSubstr("in use by endpoints"));
  gateway_.secrets().remove(key.id);
  EXPECT_EQ(gateway_.definitions().get_by_name("gpt").secret_id, "");
  EXPECT_EQ(gateway_.endpoints().get_by_name("chat").mappings.at(0).definition.secret_name, "");
  EXPECT_THAT(fault(ErrorCode::kNotFound, [&] { gateway_.plan("chat"); }), HasSubstr("no PRIMARY models"));
}

TEST_P(GatewayTest, EndpointsAreKeptChangedAndRemoved) {
  const SecretInfo key = secret();
  const ModelDefinition first = definition("first", key.id);
  const ModelDefinition second = definition("second", key.id, "anthropic");
  NewEndpoint endpoint = wanted("chat", {primary(first, 0.5), fallback(second, 0)});
  endpoint.splits_traffic = true;
  const Endpoint made = gateway_.endpoints().create(endpoint);
  EXPECT_TRUE(made.fallback.has_value());
  EXPECT_EQ(tracking_.get_experiment(tracking::ExperimentId(made.experiment_id)).name, "gateway/chat");
  EXPECT_EQ(made.mappings.at(0).definition.name, "first");
  EXPECT_EQ(made.mappings.at(0).config.weight, 0.5);
  EXPECT_EQ(made.mappings.at(1).config.fallback_order, 0);
  EXPECT_EQ(gateway_.endpoints().find_id("chat"), made.id);

  EndpointChange change;
  change.name = "talk";
  change.models = {primary(second)};
  change.fallback = FallbackConfig{true, 3};
  const Endpoint changed = gateway_.endpoints().update(made.id, change);
  EXPECT_EQ(changed.name, "talk");
  EXPECT_THAT(changed.mappings, SizeIs(1));
  EXPECT_TRUE(changed.splits_traffic);
  EXPECT_EQ(changed.fallback->max_attempts, 3);
  gateway_.endpoints().attach(made.id, primary(first), "bob");
  EXPECT_THAT(fault(ErrorCode::kAlreadyExists, [&] { gateway_.endpoints().attach(made.id, primary(first), ""); }),
              HasSubstr("already attached"));
  EXPECT_THAT(gateway_.endpoints().list({"openai", ""}), SizeIs(1));
  gateway_.endpoints().detach(made.id, first.id);
  EXPECT_THAT(gateway_.endpoints().list({"openai", ""}), IsEmpty());
  fault(ErrorCode::kNotFound, [&] { gateway_.endpoints().detach(made.id, first.id); });

  gateway_.endpoints().set_tag(made.id, {"team", "a"});
  gateway_.endpoints().set_tag(made.id, {"team", "b"});
  EXPECT_THAT(gateway_.endpoints().get(made.id).tags, ElementsAre(Tag{"team", "b"}));
  gateway_.endpoints().delete_tag(made.id, "team");
  gateway_.endpoints().delete_tag(made.id, "team");
  gateway_.endpoints().bind(made.id, "scorer", "job", "ann");
  EXPECT_THAT(gateway_.endpoints().bindings({"", "scorer", "job"}), SizeIs(1));
  fault(ErrorCode::kInvalidArgument, [&] { gateway_.endpoints().bind(made.id, "run", "job", ""); });
  gateway_.endpoints().unbind(made.id, "scorer", "job");
  fault(ErrorCode::kNotFound, [&] { gateway_.endpoints().unbind(made.id, "scorer", "job"); });
  gateway_.endpoints().bind(made.id, "scorer", "job", "ann");
  gateway_.endpoints().remove(made.id);
  EXPECT_THAT(gateway_.endpoints().bindings({}), IsEmpty());
  gateway_.definitions().remove(second.id);
}

TEST_P(GatewayTest, RefusesEndpointsThatCannotBe) {
  const ModelDefinition model = definition("a", secret().id);
  const auto create = [&](ErrorCode code, const NewEndpoint& endpoint) {
    return fault(code, [&] { gateway_.endpoints().create(endpoint); });
  };
  EXPECT_THAT(create(ErrorCode::kInvalidArgument, wanted("a b", {primary(model)})), HasSubstr("Invalid endpoint name"));
  EXPECT_THAT(create(ErrorCode::kInvalidArgument, wanted("a", {})), HasSubstr("at least one model"));
  EXPECT_THAT(create(ErrorCode::kInvalidArgument, wanted("a", {primary(model, -1)})), HasSubstr("weight"));
  EXPECT_EQ(create(ErrorCode::kNotFound, wanted("a", {{"d-none", Linkage::kPrimary, 1, {}}})),
            "Model definitions not found: d-none");
  gateway_.endpoints().create(wanted("taken", {primary(model)}));
  EXPECT_EQ(create(ErrorCode::kAlreadyExists, wanted("taken", {primary(model)})),
            "Endpoint with name 'taken' already exists");
  EXPECT_FALSE(tracking_.find_experiment_by_name("gateway/a").has_value()) << "what is refused leaves nothing behind";
  NewEndpoint silent = wanted("silent", {primary(model)});
  silent.tracks_usage = false;
  EXPECT_EQ(gateway_.endpoints().create(silent).experiment_id, "");
}

TEST_P(GatewayTest, PlansOpenTheirSecrets) {
  const SecretInfo key = secret("key", {{"api_base", "https://example.com/v1"}});
  const ModelDefinition first = definition("first", key.id);
  const ModelDefinition second = definition("second", key.id);
  const ModelDefinition third = definition("third", key.id);
  NewEndpoint endpoint = wanted("chat", {fallback(third, {}), primary(first), fallback(second, 1)});
  gateway_.endpoints().create(endpoint);
  const Plan plan = gateway_.plan("chat");
  EXPECT_THAT(models_of(plan), ElementsAre("model-of-first", "model-of-second", "model-of-third"));
  EXPECT_EQ(plan.attempts.at(0).secret_values, (Pairs{{"api_key", "sk-1234567890"}}));
  EXPECT_EQ(plan.attempts.at(0).auth_config.at("api_base"), "https://example.com/v1");
  EXPECT_FALSE(plan.experiment_id.empty());
  EXPECT_EQ(fault(ErrorCode::kNotFound, [&] { gateway_.plan("none"); }), "GatewayEndpoint not found (name='none')");
}

TEST_P(GatewayTest, ListsShowWhatTheCallerMayRead) {
  const SecretInfo mine = secret("mine", {}, 7);
  const SecretInfo others = secret("others");
  const identity::Caller caller{"bob", false, identity::Permission::kNone, 7};
  identity::Permissions strict(*database_, identity::Permission::kNone);
  const auto scope = strict.scope(caller, identity::ResourceKind::kProviderSecret);
  const auto seen = gateway_.secrets().list("", scope);
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_EQ(seen.at(0).id, mine.id);
  EXPECT_THAT(gateway_.secrets().list("openai"), SizeIs(2));
  gateway_.secrets().remove(mine.id);
  EXPECT_FALSE(strict.find(7, {identity::ResourceKind::kProviderSecret, mine.id}).has_value());
}

INSTANTIATE_TEST_SUITE_P(Databases, GatewayTest, ::testing::Values("sqlite", "postgresql"),
                         [](const auto& test) { return test.param; });

Endpoint endpoint_of(std::vector<ModelMapping> mappings) {
  Endpoint out;
  out.mappings = std::move(mappings);
  for (ModelMapping& mapping : out.mappings) mapping.definition.secret_id = "s-1";
  return out;
}

ModelMapping mapping(const std::string& name, double weight, Linkage linkage = Linkage::kPrimary,
                     std::optional<int64_t> order = {}) {
  ModelMapping out;
  out.definition.name = name;
  out.config = {name, linkage, weight, order};
  return out;
}

std::string names_of(const Endpoint& endpoint, double chance) {
  std::vector<std::string> out;
  for (const ModelMapping* each : order_of_attempts(endpoint, chance)) out.push_back(each->definition.name);
  return text::join(out, " ");
}

TEST(Routing, SharesByWeights) {
  Endpoint endpoint = endpoint_of({mapping("a", 1), mapping("none", 0), mapping("b", 3)});
  EXPECT_EQ(names_of(endpoint, 0.99), "a") << "without a split the first gets everything";
  endpoint.splits_traffic = true;
  EXPECT_EQ(names_of(endpoint, 0), "a");
  EXPECT_EQ(names_of(endpoint, 0.2499), "a");
  EXPECT_EQ(names_of(endpoint, 0.2501), "b");
  EXPECT_EQ(names_of(endpoint, 0.999999), "b");
  endpoint = endpoint_of({mapping("a", 0), mapping("b", 0)});
  endpoint.splits_traffic = true;
  EXPECT_EQ(names_of(endpoint, 0.6), "b") << "weights of nothing but zero count as equal";
}

TEST(Routing, FallsBackInOrder) {
  const auto order = [](const std::string& name, std::optional<int64_t> at) {
    return mapping(name, 1, Linkage::kFallback, at);
  };
  Endpoint endpoint = endpoint_of({order("last", {}), order("second", 5), mapping("main", 1), order("first", -1)});
  EXPECT_EQ(names_of(endpoint, 0), "main");
  endpoint.fallback = FallbackConfig{};
  EXPECT_EQ(names_of(endpoint, 0), "main first second last");
  endpoint.fallback->max_attempts = 2;
  EXPECT_EQ(names_of(endpoint, 0), "main first second");
  endpoint.mappings[3].definition.secret_id.clear();
  EXPECT_EQ(names_of(endpoint, 0), "main second last") << "a model without a secret is passed over";
  endpoint.mappings[2].definition.secret_id.clear();
  EXPECT_EQ(names_of(endpoint, 0), "");
}

TEST(Masking, CountsCharacters) {
  EXPECT_EQ(masked("1234567"), "***");
  EXPECT_EQ(masked("12345678"), "123...5678");
  EXPECT_EQ(masked("\xc3\xa4\xc3\xb6\xc3\xbc-----\xc3\x9f"), "\xc3\xa4\xc3\xb6\xc3\xbc...---\xc3\x9f");
}

TEST(Catalog, IsSoundAndSorted) {
  std::string last;
  for (const Provider& provider : all_providers()) {
    EXPECT_LT(last, provider.name);
    last = provider.name;
    EXPECT_FALSE(provider.modes.empty());
    EXPECT_EQ(find_provider(provider.name).display_name, provider.display_name);
  }
  for (const CatalogModel& model : all_models()) {
    EXPECT_FALSE(find_provider(model.provider).api_base.empty()) << model.name;
    EXPECT_GT(model.max_input_tokens, 0) << model.name;
  }
  EXPECT_EQ(find_provider("amazon-bedrock").modes.size(), 3U);
  EXPECT_EQ(find_provider("vllm").api_base, "");
}

}  // namespace
}  // namespace slipway::gateway
