#include "engine/train/run_control.h"

namespace vernier {
namespace {

template <typename Change>
void apply(RunControl::Impl& impl, const Change& change) {
  {
    const std::lock_guard lock(impl.mutex);
    change();
  }
  impl.changed.notify_all();
}

}  // namespace

RunControl::RunControl() : impl_(std::make_unique<Impl>()) {}
RunControl::~RunControl() = default;

void RunControl::pause() {
  apply(*impl_, [&] { impl_->pause = true; });
}

void RunControl::resume() {
  apply(*impl_, [&] {
    impl_->pause = false;
    impl_->single_steps = 0;
  });
}

void RunControl::single_step() {
  apply(*impl_, [&] { impl_->single_steps += impl_->pause ? 1 : 0; });
}

bool RunControl::pause_requested() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->pause;
}

void RunControl::set_return_logits(const ReturnLogits& options) {
  apply(*impl_, [&] { impl_->return_logits = options; });
}

void RunControl::request_save() {
  apply(*impl_, [&] { impl_->save = true; });
}

void RunControl::request_parity() {
  apply(*impl_, [&] { impl_->parity = true; });
}

void RunControl::ask(const std::string& question, std::int64_t max_new_tokens) {
  apply(*impl_, [&] { impl_->question = Question{question, max_new_tokens}; });
}

}  // namespace vernier
