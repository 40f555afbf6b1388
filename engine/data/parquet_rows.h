// Parquet files as rows, where Apache Arrow was there when Vernier was built.
#pragma once

#include <memory>
#include <string>

#include "engine/data/row_source.h"

namespace vernier {

// The rows as JSON objects of the columns, nested ones too, read batch by batch. Errors: kInvalidInput for a damaged
// file; kUnsupported, by name, for a column of a type that JSON cannot hold, and for every file where Vernier was built
// without Arrow.
std::unique_ptr<RowSource> open_parquet(const std::string& path);

}  // namespace vernier
