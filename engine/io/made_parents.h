// Folders on the way to an output, made where they are missing and taken back where nothing came of it.
#pragma once

#include <filesystem>
#include <vector>

namespace vernier {

// Makes the missing folders above `target`. Destroyed, it takes those away again that are still empty: put it before
// the AtomicFile or AtomicFolder that writes there. Errors: as fail_system.
class MadeParents {
 public:
  explicit MadeParents(const std::filesystem::path& target);
  ~MadeParents();
  MadeParents(const MadeParents&) = delete;
  MadeParents& operator=(const MadeParents&) = delete;

 private:
  std::vector<std::filesystem::path> made_;  // the deepest last
};

}  // namespace vernier
