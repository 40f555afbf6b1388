// Files that people have, and the demo's own, from the first row to the last.
#include <gtest/gtest.h>

#include "tests/unit/data_support.h"

namespace vernier {
namespace {

class DataRealFiles : public test::DataTest {
 protected:
  static LoadedDataset load_real(const std::string& name, const LabelOptions& labels,
                                 const ChatTemplate* chat_template) {
    DatasetOptions options;
    options.path = (std::filesystem::path(VERNIER_SHARED_DIR) / "datasets" / name).string();
    const LoadedDataset loaded = load(options, labels, chat_template);
    require_targets(loaded, options, labels);
    EXPECT_EQ(loaded.rows.size() + loaded.audit.lost_rows(), loaded.audit.rows);
    EXPECT_EQ(loaded.audit.double_bos, 0);
    return loaded;
  }
};

TEST_F(DataRealFiles, TheDemoLoadsWithItsOwnTemplate) {
  const auto chat_template = load_chat_template((test::demo_folder() / "model").string());
  ASSERT_NE(chat_template, nullptr);
  LabelOptions labels;
  labels.assistant_only_loss = true;
  labels.max_length = 256;
  for (const char* name : {"train.jsonl", "heldout.jsonl"}) {
    DatasetOptions options;
    options.path = (test::demo_folder() / "lora" / name).string();
    const LoadedDataset loaded = load(options, labels, chat_template.get());
    EXPECT_GT(loaded.rows.size(), 10);
    EXPECT_EQ(loaded.audit.lost_rows(), 0);
    EXPECT_EQ(loaded.audit.truncated, 0);
    for (std::int64_t i = 0; i < loaded.rows.size(); ++i) {
      const std::string learnt = test::labelled_text(loaded.rows.row(i));
      EXPECT_TRUE(learnt.starts_with("Ahoy!") && learnt.ends_with("<|end|>")) << learnt;
    }
  }
}

TEST_F(DataRealFiles, RowsOfEachFormat) {
  if (!std::filesystem::exists(std::filesystem::path(VERNIER_SHARED_DIR) / "datasets"))
    GTEST_SKIP() << "missing: datasets";
  const ChatTemplate chat_template(test::demo_template_source());
  LabelOptions everything, assistant, completion;
  everything.max_length = assistant.max_length = completion.max_length = 512;
  assistant.assistant_only_loss = true;
  completion.completion_only_loss = true;
  for (const ChatTemplate* used : {&chat_template, static_cast<const ChatTemplate*>(nullptr)}) {
    const LoadedDataset gsm8k = load_real("gsm8k_test.jsonl", completion, used);
    EXPECT_EQ(gsm8k.format, "question_answer");
    EXPECT_EQ(gsm8k.audit.rows, 1319);
    const LoadedDataset sharegpt = load_real("fastchat_sharegpt.json", assistant, used);
    EXPECT_EQ(sharegpt.format, "sharegpt");
    EXPECT_EQ(sharegpt.audit.rows, 500);
    const LoadedDataset tiny = load_real("chat_tiny.json", assistant, used);
    EXPECT_EQ(test::labelled_text(tiny.rows.row(0)), "The meaning of life is 42.<|end|>I agree.<|end|>");
    const LoadedDataset alpaca = load_real("identity_alpaca.json", assistant, used);
    EXPECT_EQ(alpaca.format, "alpaca");
    EXPECT_GT(alpaca.audit.placeholders, alpaca.audit.rows / 2);
    EXPECT_EQ(load_real("self_instruct_user_oriented.jsonl", completion, used).format, "alpaca");
    EXPECT_EQ(load_real("wikisql_text.jsonl", everything, used).format, "text");
    const LoadedDataset text = load_real("tinyshakespeare.txt", everything, used);
    EXPECT_EQ(text.audit.truncated, 0);
  }
}

}  // namespace
}  // namespace vernier
