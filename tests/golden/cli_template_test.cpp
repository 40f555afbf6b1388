// vernier-cli template over real chat templates: the text to the byte, generation blocks in characters.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "program.h"

namespace vernier::golden {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

TEST(CliTemplate, RendersTheReferenceCases) {
  const fs::path path = fs::path(VERNIER_SHARED_DIR) / "chat_templates" / "cases.json";
  if (!fs::exists(path)) GTEST_SKIP() << "missing: chat_templates/cases.json";
  std::ifstream in(path);
  const Json file = Json::parse(in);
  const TempFolder folder;
  for (const auto& [name, source] : file["templates"].items())
    write_all(folder / (name + ".jinja"), source.get<std::string>());
  for (const auto& [name, context] : file["contexts"].items()) write_all(folder / (name + ".json"), context.dump());
  int outputs = 0, errors = 0;
  for (const Json& c : file["cases"]) {
    const std::string name = c["template"], context = c["context"];
    const std::string what = name + " with " + context;
    const std::vector<std::string> command = {
        "template", "--template",      folder / (name + ".jinja"), "--context", folder / (context + ".json"),
        "--now",    "2025-07-10T12:00"};
    const Outcome outcome = run_cli(command);
    if (c.contains("error")) {
      expect_one_error(outcome);
      ++errors;
      continue;
    }
    ++outputs;
    ASSERT_EQ(outcome.status, 0) << what << "\n" << outcome.err;
    EXPECT_EQ(outcome.out, c["output"].get<std::string>()) << what;
    if (!c.contains("generation_spans")) continue;
    std::vector<std::string> with_mask = command;
    with_mask.emplace_back("--mask");
    const Json masked = Json::parse(run_cli(with_mask).out);
    EXPECT_EQ(masked["text"], c["output"]) << what;
    EXPECT_EQ(masked["generation_spans"], c["generation_spans"]) << what;
  }
  EXPECT_EQ(outputs + errors, 208);
}

TEST(CliTemplate, CountsCharactersNotBytes) {
  const TempFolder folder;
  write_all(folder / "t.jinja", "\u00e9\U0001F600{% generation %}{{ x }}\u4f60{% endgeneration %}.");
  write_all(folder / "c.json", "{\"x\": \"\u00fc\"}");
  const Outcome outcome =
      run_cli({"template", "--template", folder / "t.jinja", "--context", folder / "c.json", "--mask"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(Json::parse(outcome.out),
            Json::parse("{\"generation_spans\": [[2, 4]], \"text\": \"\u00e9\U0001F600\u00fc\u4f60.\"}"));
}

TEST(CliTemplate, RendersTheOneOfAModel) {
  const TempFolder temp;
  const std::string model = VERNIER_SOURCE_DIR "/resources/demo/model";
  const Json messages = {{{"role", "user"}, {"content", "Where is the boat?"}}};
  write_all(temp / "context.json", Json{{"messages", messages}, {"add_generation_prompt", true}}.dump());
  const Outcome rendered = run_cli({"template", "--model", model, "--context", temp / "context.json"});
  EXPECT_EQ(rendered.status, 0) << rendered.err;
  EXPECT_NE(rendered.out.find("Where is the boat?"), std::string::npos) << rendered.out;
  // Its source, which is kept in tokenizer_config.json, as a file of its own gives the same once the context has its
  // tokens.
  const Json config = Json::parse(read_all(model + "/tokenizer_config.json"));
  write_all(temp / "context.json", Json{{"messages", messages},
                                        {"add_generation_prompt", true},
                                        {"bos_token", config.at("bos_token")},
                                        {"eos_token", config.at("eos_token")}}
                                       .dump());
  write_all(temp / "one.jinja", config.at("chat_template"));
  EXPECT_EQ(run_cli({"template", "--template", temp / "one.jinja", "--context", temp / "context.json"}).out,
            rendered.out);
  // None, and both.
  write_all(temp / "tokenizer_config.json", "{}");
  expect_one_error(run_cli({"template", "--model", temp.path().string(), "--context", temp / "context.json"}));
  EXPECT_EQ(run_cli({"template", "--context", temp / "context.json"}).status, 2);
  EXPECT_EQ(
      run_cli({"template", "--model", model, "--template", temp / "one.jinja", "--context", temp / "context.json"})
          .status,
      2);
}

TEST(CliTemplate, TellsTheTimeThatIsGiven) {
  const TempFolder folder;
  write_all(folder / "t.jinja", "{{ strftime_now('%d %b %Y %H:%M:%S') }}");
  write_all(folder / "c.json", "{}");
  const auto rendered = [&](std::vector<std::string> more) {
    std::vector<std::string> command = {"template", "--template", folder / "t.jinja", "--context", folder / "c.json"};
    command.insert(command.end(), more.begin(), more.end());
    return run_cli(command);
  };
  EXPECT_EQ(rendered({"--now", "2025-07-10T12:00"}).out, "10 Jul 2025 12:00:00");
  EXPECT_EQ(rendered({"--now", "1999-12-31T23:59:58"}).out, "31 Dec 1999 23:59:58");
  const std::string now = rendered({}).out;
  EXPECT_EQ(now.size(), 20u) << now;
  EXPECT_NE(now, "10 Jul 2025 12:00:00");
  expect_one_error(rendered({"--now", "noon"}), 2);
  expect_one_error(rendered({"--now", "2025-07-10T12:00Z"}), 2);
}

TEST(CliTemplate, RefusesWhatItCannotRender) {
  const TempFolder folder;
  write_all(folder / "good.jinja", "{{ x }}");
  write_all(folder / "bad.jinja", "a\n{% if %}");
  write_all(folder / "object.json", "{\"x\": 1}");
  write_all(folder / "list.json", "[1]");
  write_all(folder / "broken.json", "{\"x\": ");
  const auto refused = [&](const char* source, const char* context) {
    const Outcome outcome = run_cli({"template", "--template", folder / source, "--context", folder / context});
    expect_one_error(outcome);
    return outcome.err;
  };
  EXPECT_NE(refused("bad.jinja", "object.json").find("bad.jinja line 2]"), std::string::npos);
  EXPECT_NE(refused("good.jinja", "list.json").find("list.json] got a JSON array, expected an object"),
            std::string::npos);
  EXPECT_NE(refused("good.jinja", "broken.json").find("not JSON"), std::string::npos);
  EXPECT_NE(refused("none.jinja", "object.json").find("no such file"), std::string::npos);
}

}  // namespace
}  // namespace vernier::golden
