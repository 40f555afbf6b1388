// The templates to choose from where a model has none. Written for this project from the published formats.
#include "vernier/template.h"

namespace vernier {
namespace {

constexpr std::string_view kChatMl = R"({%- for message in messages -%}
{%- if message.role == 'assistant' -%}
{{- '<|im_start|>assistant\n' -}}
{%- generation -%}{{- message.content + '<|im_end|>' -}}{%- endgeneration -%}
{{- '\n' -}}
{%- else -%}
{{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' -}}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\n' -}}{%- endif -%}
)";

constexpr std::string_view kLlama2 = R"({%- set ns = namespace(system='') -%}
{%- for message in messages -%}
{%- if message.role == 'system' -%}
{%- set ns.system = '<<SYS>>\n' + message.content | trim + '\n<</SYS>>\n\n' -%}
{%- elif message.role == 'user' -%}
{{- bos_token + '[INST] ' + ns.system + message.content | trim + ' [/INST]' -}}
{%- set ns.system = '' -%}
{%- elif message.role == 'assistant' -%}
{{- ' ' -}}
{%- generation -%}{{- message.content | trim + ' ' + eos_token -}}{%- endgeneration -%}
{%- else -%}
{{- raise_exception('Llama 2 knows the roles system, user and assistant, not ' + message.role) -}}
{%- endif -%}
{%- endfor -%}
)";

constexpr std::string_view kLlama3 = R"({{- bos_token -}}
{%- for message in messages -%}
{{- '<|start_header_id|>' + message.role + '<|end_header_id|>\n\n' -}}
{%- if message.role == 'assistant' -%}
{%- generation -%}{{- message.content | trim + '<|eot_id|>' -}}{%- endgeneration -%}
{%- else -%}
{{- message.content | trim + '<|eot_id|>' -}}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|start_header_id|>assistant<|end_header_id|>\n\n' -}}{%- endif -%}
)";

constexpr std::string_view kGemma = R"({{- bos_token -}}
{%- set ns = namespace(system='') -%}
{%- for message in messages -%}
{%- if message.role == 'system' -%}
{%- set ns.system = message.content | trim + '\n\n' -%}
{%- elif message.role == 'assistant' -%}
{{- '<start_of_turn>model\n' -}}
{%- generation -%}{{- message.content | trim + '<end_of_turn>' -}}{%- endgeneration -%}
{{- '\n' -}}
{%- else -%}
{{- '<start_of_turn>' + message.role + '\n' + ns.system + message.content | trim + '<end_of_turn>\n' -}}
{%- set ns.system = '' -%}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<start_of_turn>model\n' -}}{%- endif -%}
)";

constexpr std::string_view kMistral = R"({{- bos_token -}}
{%- set ns = namespace(system='') -%}
{%- for message in messages -%}
{%- if message.role == 'system' -%}
{%- set ns.system = message.content | trim + '\n\n' -%}
{%- elif message.role == 'user' -%}
{{- '[INST] ' + ns.system + message.content | trim + ' [/INST]' -}}
{%- set ns.system = '' -%}
{%- elif message.role == 'assistant' -%}
{{- ' ' -}}
{%- generation -%}{{- message.content | trim + eos_token -}}{%- endgeneration -%}
{%- else -%}
{{- raise_exception('Mistral knows the roles system, user and assistant, not ' + message.role) -}}
{%- endif -%}
{%- endfor -%}
)";

constexpr std::string_view kPhi3 = R"({%- for message in messages -%}
{{- '<|' + message.role + '|>\n' -}}
{%- if message.role == 'assistant' -%}
{%- generation -%}{{- message.content + '<|end|>' -}}{%- endgeneration -%}
{%- else -%}
{{- message.content + '<|end|>' -}}
{%- endif -%}
{{- '\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|assistant|>\n' -}}{%- endif -%}
)";

constexpr std::string_view kAlpaca = R"({{- bos_token -}}
{%- if not messages or messages[0].role != 'system' -%}
{{- 'Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n' -}}
{%- endif -%}
{%- for message in messages -%}
{%- if message.role == 'system' -%}
{{- message.content | trim + '\n\n' -}}
{%- elif message.role == 'assistant' -%}
{{- '### Response:\n' -}}
{%- generation -%}{{- message.content | trim + eos_token -}}{%- endgeneration -%}
{{- '\n\n' -}}
{%- else -%}
{{- '### Instruction:\n' + message.content | trim + '\n\n' -}}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '### Response:\n' -}}{%- endif -%}
)";

constexpr std::string_view kVicuna = R"({{- bos_token -}}
{%- if not messages or messages[0].role != 'system' -%}
{{- "A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, detailed, and polite answers to the user's questions. " -}}
{%- endif -%}
{%- for message in messages -%}
{%- if message.role == 'system' -%}
{{- message.content | trim + ' ' -}}
{%- elif message.role == 'assistant' -%}
{{- 'ASSISTANT: ' -}}
{%- generation -%}{{- message.content | trim + eos_token -}}{%- endgeneration -%}
{%- else -%}
{{- 'USER: ' + message.content | trim + ' ' -}}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- 'ASSISTANT:' -}}{%- endif -%}
)";

constexpr std::string_view kZephyr = R"({%- for message in messages -%}
{{- '<|' + message.role + '|>\n' -}}
{%- if message.role == 'assistant' -%}
{%- generation -%}{{- message.content + eos_token -}}{%- endgeneration -%}
{%- else -%}
{{- message.content + eos_token -}}
{%- endif -%}
{{- '\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|assistant|>\n' -}}{%- endif -%}
)";

}  // namespace

const std::vector<BuiltInTemplate>& built_in_templates() {
  static const std::vector<BuiltInTemplate> templates = {
      {"chatml", "ChatML", kChatMl}, {"llama-2", "Llama 2", kLlama2},  {"llama-3", "Llama 3", kLlama3},
      {"gemma", "Gemma", kGemma},    {"mistral", "Mistral", kMistral}, {"phi-3", "Phi 3", kPhi3},
      {"alpaca", "Alpaca", kAlpaca}, {"vicuna", "Vicuna", kVicuna},    {"zephyr", "Zephyr", kZephyr},
  };
  return templates;
}

}  // namespace vernier
