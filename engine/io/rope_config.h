// The rotary part of config.json.
#pragma once

#include "engine/io/json_fields.h"
#include "engine/io/model_config.h"

namespace vernier {

// Sets config.ropes and config.rotary_dim from rope_theta, rope_scaling, rope_parameters, partial_rotary_factor and
// what else the family has; the sizes of config must be set. Errors as read_model_config.
void read_rope_parameters(const JsonFields& fields, ModelConfig& config);

}  // namespace vernier
