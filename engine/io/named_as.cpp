#include "engine/io/named_as.h"

#include <algorithm>

#include "vernier/error.h"

namespace fs = std::filesystem;

namespace vernier {

void named_as(const fs::path& aside, const std::string& shown, const std::function<void()>& writing) {
  try {
    writing();
  } catch (const Error& error) {
    std::string text = error.what();
    // The folder itself, or one that is written aside in its turn on the way to it.
    const std::string nested = (aside.parent_path() / ("." + aside.filename().string() + ".tmp-")).string();
    for (const std::string& hidden : {nested, aside.string()}) {
      for (std::size_t at = 0; (at = text.find(hidden, at)) != std::string::npos; at += shown.size()) {
        std::size_t end = at + hidden.size();
        if (hidden == nested) end = std::min(text.find_first_of("/]", end), text.size());
        text.replace(at, end - at, shown);
      }
    }
    Error renamed(error.code(), text);
    renamed.needed_bytes = error.needed_bytes;
    renamed.free_bytes = error.free_bytes;
    throw renamed;
  }
}

}  // namespace vernier
