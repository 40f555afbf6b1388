#include "engine/io/made_parents.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "engine/io/atomic_file.h"

namespace fs = std::filesystem;

namespace vernier {

MadeParents::MadeParents(const fs::path& target) {
  fs::path folder = fs::absolute(target).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();  // `out/` is the folder `out`
  std::vector<fs::path> missing;
  std::error_code ignored;
  for (folder = folder.parent_path(); !fs::exists(folder, ignored) && folder != folder.parent_path();
       folder = folder.parent_path()) {
    missing.push_back(folder);
  }
  for (; !missing.empty(); missing.pop_back()) {
    if (::mkdir(missing.back().c_str(), 0777) == 0) {
      made_.push_back(missing.back());
    } else if (errno != EEXIST) {  // somebody else made it meanwhile
      const int error_number = errno;
      while (!made_.empty()) {
        (void)::rmdir(made_.back().c_str());
        made_.pop_back();
      }
      fail_system(error_number, "make the folder", missing.back());
    }
  }
}

MadeParents::~MadeParents() {
  for (; !made_.empty(); made_.pop_back()) (void)::rmdir(made_.back().c_str());
}

}  // namespace vernier
