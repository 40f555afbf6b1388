#include "vernier/devices.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string>

#include "engine/cpu/cpu_backend.h"
#include "engine/ops/cuda_backend.h"
#include "engine/ops/make_backend.h"
#include "vernier/error.h"

namespace vernier {
namespace {

// The first line "key ...: value" of a file under /proc; "" where there is none.
std::string proc_value(const char* file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const std::size_t colon = line.find(':');
    if (!line.starts_with(key) || colon == std::string::npos) continue;
    const std::size_t value = line.find_first_not_of(" \t", colon + 1);
    return value == std::string::npos ? "" : line.substr(value);
  }
  return "";
}

std::uint64_t meminfo_bytes(const std::string& key) {
  const std::string value = proc_value("/proc/meminfo", key);
  std::uint64_t kib = 0;
  std::from_chars(value.data(), value.data() + value.size(), kib);
  return kib * 1024;
}

DeviceInfo cpu_device() {
  DeviceInfo cpu;
  cpu.id = "cpu";
  cpu.name = proc_value("/proc/cpuinfo", "model name");
  if (cpu.name.empty()) cpu.name = "CPU";
  cpu.total_bytes = meminfo_bytes("MemTotal");
  cpu.free_bytes = meminfo_bytes("MemAvailable");
  return cpu;
}

}  // namespace

std::vector<DeviceInfo> list_devices() {
  std::vector<DeviceInfo> devices = list_cuda_devices();
  devices.push_back(cpu_device());
  return devices;
}

std::string resolve_device(const std::string& wish) {
  return resolve_device(wish, list_devices());
}

std::string resolve_device(const std::string& wish, const std::vector<DeviceInfo>& devices) {
  const auto asked = [&](const DeviceInfo& device) {
    return wish == "auto" || device.id == wish || (wish == "cuda" && device.id.starts_with("cuda"));
  };
  std::uint64_t most = 0;  // free bytes of a GPU that is asked for
  for (const DeviceInfo& device : devices) {
    if (asked(device) && device.problem.empty() && device.id != "cpu") most = std::max(most, device.free_bytes);
  }
  std::string known;
  const DeviceInfo* problem = nullptr;
  for (const DeviceInfo& device : devices) {
    if (asked(device) && device.problem.empty() && (device.id == "cpu" || device.free_bytes >= most / 2)) {
      return device.id;
    }
    if (asked(device) && problem == nullptr) problem = &device;
    if (device.problem.empty()) known += (known.empty() ? "" : ", ") + device.id;
  }
  if (problem == nullptr && wish.starts_with("cuda:") && !devices.front().problem.empty()) problem = &devices.front();
  fail(ErrorCode::kUnsupported, "device",
       "got \"" + wish + "\", expected auto or one of: " + known + "." +
           (problem != nullptr ? " " + problem->problem : ""));
}

std::unique_ptr<Backend> make_backend(const std::string& device, int threads) {
  const std::string id = resolve_device(device);
  if (id == "cpu") return make_cpu_backend(threads);
  int index = 0;
  if (const std::size_t colon = id.find(':'); colon != std::string::npos) {
    std::from_chars(id.data() + colon + 1, id.data() + id.size(), index);
  }
  return make_cuda_backend(index);
}

}  // namespace vernier
