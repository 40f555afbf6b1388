// In place of parquet_rows.cpp where there is no Apache Arrow.
#include "engine/data/parquet_rows.h"
#include "vernier/error.h"

namespace vernier {

std::unique_ptr<RowSource> open_parquet(const std::string& path) {
  fail(ErrorCode::kUnsupported, path,
       "a Parquet file, which this build of Vernier cannot read, as Apache Arrow was not found when it was built. "
       "Convert it to JSONL, with pandas: read_parquet(...).to_json(..., orient=\"records\", lines=True).");
}

}  // namespace vernier
