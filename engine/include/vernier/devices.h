// What this machine can compute on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vernier {

struct DeviceInfo {
  std::string id;  // "cpu", "cuda:0"
  std::string name;
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;
  std::string problem;  // why it cannot be used; "" where it can
};

std::vector<DeviceInfo> list_devices();
// "auto", "cpu", "cuda", "cuda:1" -> an id of the list. Throws Error{kUnsupported} with what there is.
// Of several GPUs the first, as CUDA lists the fastest first, unless another has more than twice as much memory free.
std::string resolve_device(const std::string& wish);
std::string resolve_device(const std::string& wish, const std::vector<DeviceInfo>& devices);

}  // namespace vernier
