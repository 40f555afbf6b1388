// What a run will take, what is chosen for it, and what is said where nothing fits.
#include "engine/train/memory_plan.h"

#include <gtest/gtest.h>

#include "tests/parity/random_model.h"
#include "tests/parity/stand_in_device.h"
#include "vernier/error.h"

namespace vernier {
namespace {

class PlanMemory : public testing::Test {
 protected:
  PlanMemory() : model_(true, std::make_unique<test::StandInDevice>(), DType::kBF16) {
    needs_.tokens = 400;
    needs_.sequences = 4;
    needs_.batch_setting = "batch";
    needs_.length_setting = "length";
  }

  std::uint64_t workspace(Recompute recompute, std::int64_t tokens) const {
    PassOptions pass;
    pass.keep_activations = true;
    pass.recompute = recompute;
    return model_.decoder->workspace_bytes(tokens, pass);
  }
  void set_free(std::uint64_t bytes) { static_cast<test::StandInDevice&>(*model_.backend).set_free_bytes(bytes); }
  MemoryPlan plan(Recompute wish) { return plan_memory(*model_.decoder, needs_, wish); }

  // Refused with the advice.
  void refuses(Recompute wish, const std::string& advice) {
    try {
      plan(wish);
      ADD_FAILURE() << "went through";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kOutOfMemory);
      EXPECT_NE(std::string(error.what()).find(advice), std::string::npos) << error.what();
      EXPECT_GT(error.needed_bytes, error.free_bytes);
    }
  }

  test::RandomModel model_;
  MemoryNeeds needs_;
};

TEST_F(PlanMemory, AutoTakesTheFastestThatFits) {
  const std::uint64_t none = workspace(Recompute::kNone, 400), mlp = workspace(Recompute::kMlp, 400),
                      layer = workspace(Recompute::kLayer, 400);
  ASSERT_GE(none, mlp);
  ASSERT_GE(mlp, layer);
  set_free(2 * none);
  EXPECT_EQ(plan(Recompute::kAuto).recompute, Recompute::kNone);
  if (model_.config.num_layers == 1) GTEST_SKIP() << "one layer: nothing is saved by computing it again";
  set_free(none / 100 * 99);
  EXPECT_NE(plan(Recompute::kAuto).recompute, Recompute::kNone);
  refuses(Recompute::kNone, "Set recompute to \"mlp\"");
  set_free(mlp / 100 * 99);
  EXPECT_GE(plan(Recompute::kAuto).recompute, Recompute::kLayer);
}

// What no layer recomputed leaves room for, the host takes: all inputs but the last layer's.
TEST_F(PlanMemory, TheHostTakesInputsWhereNothingElseFits) {
  const std::uint64_t layer = workspace(Recompute::kLayer, 400), offload = workspace(Recompute::kOffload, 400);
  const std::int64_t layers = model_.config.num_layers;
  const std::int64_t input = (400 * model_.config.hidden_size * 2 + 255) / 256 * 256;
  EXPECT_EQ(layer - offload, static_cast<std::uint64_t>((layers - 1) * input));
  set_free(offload);
  const MemoryPlan planned = plan(Recompute::kOffload);
  EXPECT_EQ(planned.host_bytes, static_cast<std::uint64_t>((layers - 1) * 400 * model_.config.hidden_size * 2));
  EXPECT_EQ(planned.predicted_bytes, model_.backend->peak_bytes());
  if (layers == 1) GTEST_SKIP() << "one layer: its input is still there";
  refuses(Recompute::kLayer, "Set recompute to \"offload\".");
  set_free(offload * 100 / 98 + 100);
  const bool alone = layer > (offload * 100 / 98 + 100) / 100 * 98;
  const Recompute chosen = plan(Recompute::kAuto).recompute;
  EXPECT_TRUE(chosen == Recompute::kOffload || (!alone && chosen == Recompute::kLayer));
}

// Where passes compute long enough, attention waits in the host's memory too, and what that leaves is filled up.
TEST_F(PlanMemory, TheHostTakesAttentionWhileThereIsTimeToSendIt) {
  ModelConfig config = model_.config;
  config.hidden_size = 64;
  config.num_heads = 4;
  config.num_kv_heads = 2;
  config.head_dim = 32;
  config.num_layers = 8;
  config.layer_rope.assign(8, 0);
  config.layer_window.assign(8, 0);
  const PlannedModel model = {*model_.backend, config, nullptr, DType::kBF16, Quantization::kNone};
  MemoryNeeds needs;
  needs.tokens = 200000;  // of one sequence, so that attention alone computes for long
  const auto bytes = [&](std::int64_t mlp, std::int64_t attention, std::int64_t waiting) {
    return pass_bytes(model, needs, {true, Recompute::kOffload, mlp, attention, waiting});
  };
  const PassBytes all = bytes(0, 0, 6), inputs = bytes(0, 0, 0);
  EXPECT_GT(all.on_host, inputs.on_host);
  EXPECT_EQ((all.on_host - inputs.on_host) % 6, 0u);
  EXPECT_EQ(bytes(0, 0, 7).on_host, all.on_host);  // two take turns and need not wait
  set_free(all.total() * 100 / 98 + 1000);
  const MemoryPlan plan = predict_memory(model, needs, Recompute::kAuto, 0);
  EXPECT_EQ(plan.recompute, Recompute::kOffload);
  EXPECT_EQ(plan.waiting_attention_layers, 6);
  EXPECT_EQ(plan.kept_attention_layers, 0);
  EXPECT_EQ(plan.host_bytes, all.on_host);
  set_free(bytes(2, 0, 6).total() * 100 / 98 + 1000);
  EXPECT_EQ(predict_memory(model, needs, Recompute::kAuto, 0).kept_mlp_layers, 2);
  // Of short sequences there is no time: what is sent would be waited for.
  needs.sequences = 20000;
  set_free(bytes(2, 0, 6).total() * 100 / 98 + 1000);
  EXPECT_EQ(predict_memory(model, needs, Recompute::kAuto, 0).waiting_attention_layers, 0);
}

// Between two policies the room is used up, layer by layer.
TEST_F(PlanMemory, AutoKeepsAsManyLayersAsFit) {
  const std::int64_t layers = model_.config.num_layers;
  if (layers == 1) GTEST_SKIP() << "one layer: nothing is saved by computing it again";
  const auto bytes = [&](Recompute recompute, std::int64_t mlp, std::int64_t attention) {
    PassOptions pass;
    pass.keep_activations = true;
    pass.recompute = recompute;
    pass.kept_mlp_layers = mlp;
    pass.kept_attention_layers = attention;
    return model_.decoder->workspace_bytes(400, pass);
  };
  const std::uint64_t rest = bytes(Recompute::kLayer, 1, 1) * 100 / 98 + 2, room = rest / 100 * 98;
  if (workspace(Recompute::kNone, 400) <= room) GTEST_SKIP() << "few layers: nothing is saved by so little";
  set_free(rest);
  const MemoryPlan planned = plan(Recompute::kAuto);
  const auto fits = [&](std::int64_t mlp, std::int64_t attention) {
    return bytes(planned.recompute, mlp, attention) <= room;
  };
  EXPECT_NE(planned.recompute, Recompute::kNone);
  EXPECT_GE(planned.kept_mlp_layers, planned.recompute == Recompute::kLayer ? 1 : 0);
  EXPECT_TRUE(fits(planned.kept_mlp_layers, planned.kept_attention_layers));
  EXPECT_TRUE(planned.kept_mlp_layers == layers || !fits(planned.kept_mlp_layers + 1, 0));
  if (planned.recompute == Recompute::kLayer && planned.kept_attention_layers < layers) {
    EXPECT_FALSE(fits(planned.kept_mlp_layers, planned.kept_attention_layers + 1));
  }
  EXPECT_EQ(planned.predicted_bytes, model_.backend->peak_bytes());
}

TEST_F(PlanMemory, ALimitStandsForTheDevicesMemory) {
  const std::uint64_t taken = model_.backend->allocated_bytes(), mlp = workspace(Recompute::kMlp, 400);
  const MemoryPlan planned = plan_memory(*model_.decoder, needs_, Recompute::kAuto, taken + mlp);
  EXPECT_LE(planned.predicted_bytes, taken + mlp);
  EXPECT_THROW(plan_memory(*model_.decoder, needs_, Recompute::kNone, taken + 1000), Error);
}

// The place for the next layer's matrices is the last thing that room is used for.
TEST_F(PlanMemory, MatricesOf4BitsArePutTogetherAheadWhereThereIsRoom) {
  const auto packed =
      ModelWeights::random(*model_.backend, model_.config, 1, DType::kBF16, ParameterUse::kFrozen, Quantization::kNf4);
  Decoder decoder(*model_.backend, model_.config, *packed, model_.adapter.get());
  const std::uint64_t none = workspace(Recompute::kNone, 400);
  const std::uint64_t ahead = ModelWeights::ahead_bytes_of(model_.config, DType::kBF16, Quantization::kNf4);
  ASSERT_GT(ahead, 0u);
  set_free(none + ahead - 1);
  const PlannedModel model = {*model_.backend, model_.config, &model_.adapter->layout(), DType::kBF16,
                              Quantization::kNf4};
  EXPECT_FALSE(predict_memory(model, needs_, Recompute::kNone, 0).looks_ahead);
  set_free(none + ahead);
  const MemoryPlan planned = plan_memory(decoder, needs_, Recompute::kNone);
  EXPECT_TRUE(planned.looks_ahead);
  EXPECT_EQ(planned.predicted_bytes, model_.backend->peak_bytes());
  EXPECT_FALSE(plan(Recompute::kNone).looks_ahead);  // nothing is put together
}

TEST_F(PlanMemory, PredictsThePeakToTheByte) {
  needs_.evaluation_tokens = 150;
  const MemoryPlan planned = plan(Recompute::kMlp);
  EXPECT_EQ(planned.predicted_bytes, model_.backend->peak_bytes());
  PassOptions pass;
  pass.keep_activations = true;
  pass.recompute = Recompute::kMlp;
  std::vector<std::int32_t> ids(100, 1);
  MicroBatch batch;
  for (int row = 0; row < 4; ++row) batch.append(row, ids.data(), ids.data(), 100);
  const std::uint64_t before = model_.backend->allocated_bytes();
  model_.decoder->forward(batch, pass);
  model_.decoder->forward(batch, PassOptions());
  // Rotary tables alone are new.
  EXPECT_LE(model_.backend->allocated_bytes() - before, 4u * 1024 * 1024);
}

TEST_F(PlanMemory, SaysWhichSettingWouldFit) {
  needs_.tokens = 4000;
  set_free(workspace(Recompute::kOffload, 2000));
  refuses(Recompute::kNone, "and batch to 2.");
  refuses(Recompute::kAuto, "batch to 1.");  // of 98 % of what is free
  const std::uint64_t free = workspace(Recompute::kOffload, 700);
  set_free(free);
  std::int64_t longest = 700;  // rounded to the same bytes, a little more may fit
  while (workspace(Recompute::kOffload, longest + 1) <= free) ++longest;
  const std::string length = "length to " + std::to_string(longest) + ".";
  refuses(Recompute::kOffload, "Set batch to 1 and " + length);
  refuses(Recompute::kLayer, "Set recompute to \"offload\" and batch to 1 and " + length);
  needs_.batch_setting = "";
  refuses(Recompute::kOffload, "Set " + length);
  set_free(100);
  refuses(Recompute::kLayer, "Use a smaller model.");
}

TEST_F(PlanMemory, SaysWhatFitsWhereTheHostIsTooSmall) {
  ModelConfig config = model_.config;
  config.hidden_size = 64;
  config.num_layers = 8;
  config.layer_rope.assign(8, 0);
  config.layer_window.assign(8, 0);
  const PlannedModel model = {*model_.backend, config, nullptr, DType::kBF16, Quantization::kNone};
  needs_.tokens = std::int64_t{1} << 40;  // 900 TB of inputs
  needs_.sequences = 1 << 30;
  const auto refusal = [&](Recompute wish) -> std::string {
    try {
      predict_memory(model, needs_, wish, 0);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kOutOfMemory);
      EXPECT_GT(error.needed_bytes, error.free_bytes);
      return error.what();
    }
    return "went through";
  };
  set_free(std::uint64_t{1} << 60);
  const std::string chosen = refusal(Recompute::kOffload);
  EXPECT_NE(chosen.find("of the host's memory"), std::string::npos) << chosen;
  EXPECT_NE(chosen.find("Set recompute to \"layer\"."), std::string::npos) << chosen;
  const PassBytes offload = pass_bytes(model, needs_, {true, Recompute::kOffload});
  ASSERT_LT(offload.total() / 98 * 100, pass_bytes(model, needs_, {true, Recompute::kLayer}).total());
  set_free(offload.total() / 98 * 100 + 1000);
  for (const Recompute wish : {Recompute::kOffload, Recompute::kAuto}) {
    const std::string advice = refusal(wish);
    EXPECT_NE(advice.find("of the host's memory"), std::string::npos) << advice;
    EXPECT_NE(advice.find("Set batch to "), std::string::npos) << advice;
  }
}

TEST_F(PlanMemory, AModelOfOneLayerHasNothingThatCouldWait) {
  ModelConfig config = model_.config;
  config.num_layers = 1;
  config.layer_rope.resize(1);
  config.layer_window.resize(1);
  const PlannedModel model = {*model_.backend, config, nullptr, DType::kBF16, Quantization::kNone};
  const std::uint64_t least = pass_bytes(model, needs_, {true, Recompute::kOffload}).total();
  set_free(least * 100 / 98 + 1000);
  const MemoryPlan planned = predict_memory(model, needs_, Recompute::kAuto, 0);
  EXPECT_EQ(planned.waiting_attention_layers, 0);
  EXPECT_EQ(planned.host_bytes, 0u);
}

TEST(MemoryPlan, SaysWhatIsKeptAndWhatWaits) {
  MemoryPlan plan;
  plan.predicted_bytes = std::uint64_t{20} << 30;
  plan.free_bytes = std::uint64_t{5} << 30;
  plan.recompute = Recompute::kLayer;
  const std::string begin = "predicted peak 20.00 GiB of memory (5.00 GiB were free for activations), recompute ";
  EXPECT_EQ(plan.to_string(), begin + "\"layer\"");
  plan.kept_attention_layers = 1;
  EXPECT_EQ(plan.to_string(), begin + "\"layer\", but not attention of the last layer");
  plan.recompute = Recompute::kOffload;
  plan.kept_mlp_layers = 4;
  plan.kept_attention_layers = 2;
  plan.waiting_attention_layers = 28;
  plan.host_bytes = std::uint64_t{8} << 30;
  EXPECT_EQ(plan.to_string(),
            begin +
                "\"offload\", but not gate and up of the last 4 layers and attention of the last 2 layers, while "
                "layers' inputs and attention of 28 of them wait in 8.00 GiB of the host's memory");
}

TEST(Weights, SayBeforeReadingThatTheyDoNotFit) {
  auto device = std::make_unique<test::StandInDevice>();
  ModelConfig config = test::random_config();
  config.hidden_size = 1024;
  config.vocab_size = 40000;
  device->set_free_bytes(std::size_t{120} << 20);
  try {
    ModelWeights::random(*device, config, 1, DType::kF32);
    ADD_FAILURE() << "went through";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kOutOfMemory);
    EXPECT_NE(std::string(error.what()).find("weights"), std::string::npos) << error.what();
    EXPECT_EQ(error.free_bytes, std::uint64_t{120} << 20);
  }
}

}  // namespace
}  // namespace vernier
