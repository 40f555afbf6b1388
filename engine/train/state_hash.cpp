#include "engine/train/state_hash.h"

#include <cstddef>
#include <span>
#include <vector>

#include "engine/train/checksum.h"

namespace vernier {
namespace {

constexpr std::size_t kPiece = std::size_t{8} << 20;  // bytes brought to the host together

void add_device_bytes(Checksum& checksum, Backend& backend, const void* device, std::size_t bytes,
                      std::vector<std::byte>& room) {
  checksum.add(std::uint64_t{bytes});
  for (std::size_t at = 0; at < bytes; at += kPiece) {
    room.resize(std::min(kPiece, bytes - at));
    backend.download(room.data(), static_cast<const std::byte*>(device) + at, room.size());
    checksum.add(std::span<const std::byte>(room));
  }
}

void add_tensor(Checksum& checksum, Backend& backend, const TensorView& view, std::vector<std::byte>& room) {
  add_device_bytes(checksum, backend, view.data, static_cast<std::size_t>(view.size()) * size_of(view.dtype), room);
}

}  // namespace

std::string training_state_hash(const ParameterSet& parameters, Backend& backend, const Optimizer& optimizer,
                                const TrainerState& state) {
  Checksum checksum;
  std::vector<std::byte> room;
  checksum.add(static_cast<std::uint64_t>(state.step));
  checksum.add(static_cast<std::uint64_t>(optimizer.updates()));
  checksum.add(state.seed);
  add_device_bytes(checksum, backend, parameters.masters().data(), parameters.masters().size_bytes(), room);
  add_device_bytes(checksum, backend, parameters.copies().data(), parameters.copies().size_bytes(), room);
  for (std::size_t i = 0; i < parameters.parameters().size(); ++i) {
    add_tensor(checksum, backend, optimizer.first_moment(i), room);
    add_tensor(checksum, backend, optimizer.second_moment(i), room);
  }
  return checksum.text();
}

}  // namespace vernier
