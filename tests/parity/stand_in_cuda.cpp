// In the place of engine/cuda_loader: one device, "cuda:0", that a test can break.
#include "tests/parity/stand_in_cuda.h"

#include "engine/ops/cuda_backend.h"

namespace vernier {

test::StandInCuda& test::stand_in_cuda() {
  static StandInCuda machine;
  return machine;
}

std::vector<DeviceInfo> list_cuda_devices() {
  DeviceInfo device;
  device.id = "cuda:0";
  device.name = "Stand-in";
  device.free_bytes = device.total_bytes = std::uint64_t{1} << 30;
  device.problem = test::stand_in_cuda().problem();
  return {device};
}

std::unique_ptr<Backend> make_cuda_backend(int) {
  auto device = std::make_unique<test::StandInDevice>(test::stand_in_cuda().faults);
  device->set_free_bytes(test::stand_in_cuda().free_bytes());
  return device;
}

}  // namespace vernier
