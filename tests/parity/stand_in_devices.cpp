// In the place of engine/devices: the CPU, and a stand-in for a device.
#include "engine/ops/make_backend.h"
#include "tests/parity/stand_in_device.h"
#include "vernier/devices.h"

namespace vernier {

std::vector<DeviceInfo> list_devices() {
  DeviceInfo cpu, device;
  cpu.id = "cpu";
  device.id = "stand-in";
  return {device, cpu};
}

std::string resolve_device(const std::string& wish) {
  if (wish == "cpu" || wish == "stand-in") return wish;
  fail(ErrorCode::kUnsupported, "device", "got \"" + wish + "\", expected cpu or stand-in.");
}

std::unique_ptr<Backend> make_backend(const std::string& device, int threads) {
  if (resolve_device(device) == "cpu") return make_cpu_backend(threads);
  return std::make_unique<test::StandInDevice>();
}

}  // namespace vernier
