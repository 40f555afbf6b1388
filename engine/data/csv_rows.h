// CSV and TSV (RFC 4180): the first record names the columns.
#pragma once

#include <memory>

#include "engine/data/byte_source.h"
#include "engine/data/row_source.h"

namespace vernier {

// Records end with "\n", "\r\n", or "\r" alone where the header does.
// separator: ',' or '\t' (where the header has no comma but semicolons, these separate). Every field is a text.
// Throws Error{kInvalidInput} for a header with an empty or repeated name.
std::unique_ptr<RowSource> open_csv(ByteSource bytes, char separator);

}  // namespace vernier
