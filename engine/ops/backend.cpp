#include "engine/ops/backend.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "engine/ops/check.h"

namespace vernier {
namespace {

// Shapes of the parts of a projection; returns its LoRA rank, 0 without LoRA.
std::int64_t check_projection(const Check& check, const Projection& p, std::int64_t inputs, std::int64_t outputs) {
  check.matrix("weight", p.weight, outputs, inputs);
  check.optional("bias", p.bias, 1, outputs);
  check.that(static_cast<bool>(p.lora.a) == static_cast<bool>(p.lora.b), "lora: a and b go together");
  if (!p.lora.a) return 0;
  check.that(p.lora.a.rows > 0, "lora a: expected a rank of at least 1");
  check.matrix("lora a", p.lora.a, p.lora.a.rows, inputs);
  check.matrix("lora b", p.lora.b, outputs, p.lora.a.rows);
  return p.lora.a.rows;
}

void check_dropout(const Check& check, const Dropout& dropout, std::int64_t rows) {
  check.that(dropout.p >= 0.0f && dropout.p < 1.0f, "dropout: expected p in [0, 1)");
  if (dropout.p > 0.0f) check.equal("dropout row_keys", length(dropout.row_keys.size()), rows);
}

void check_attention_shape(const Check& check, const AttentionShape& shape) {
  check.that(shape.head_dim > 0 && shape.heads > 0 && shape.kv_heads > 0, "shape: expected heads and a head size");
  check.that(shape.heads % shape.kv_heads == 0, "shape: kv_heads must divide heads");
  check.that(shape.window >= 0 && shape.softcap >= 0.0f, "shape: window and softcap must not be negative");
}

void check_logits(const Check& check, const Backend& backend, const LogitsForward& op) {
  check.any("hidden", op.hidden);
  check.matrix("weight", op.weight, op.weight.rows, op.hidden.cols);
  check.that(op.softcap >= 0.0f, "softcap: must not be negative");
  check.ids("rows", op.rows, op.hidden.rows);
  check.matrix("logits", op.logits, length(op.rows.size()), op.weight.rows);
  check.disjoint("logits", op.logits, "hidden", op.hidden);
  check.disjoint("logits", op.logits, "weight", op.weight);
  check.one_type(backend, {op.hidden, op.weight});
}

constexpr float kLargestF16 = 65504.0f;

// Of what was not begun but done.
class Fetched : public Fetch {
 public:
  void wait() override {}
};

class PlainMemory : public DeviceBuffer {
 public:
  explicit PlainMemory(std::size_t bytes)
      : bytes_(bytes), memory_(std::make_unique_for_overwrite<std::byte[]>(std::max<std::size_t>(bytes, 1))) {}
  void* data() override { return memory_.get(); }
  std::size_t bytes() const override { return bytes_; }

 private:
  std::size_t bytes_;
  std::unique_ptr<std::byte[]> memory_;
};

}  // namespace

void Backend::zero(const TensorView& x) {
  const Check check("ops.zero");
  check.any("x", x);
  if (x.size() > 0) do_zero(x);
}

void Backend::fill_normal(const FillNormal& op) {
  const Check check("ops.fill_normal");
  check.any("out", op.out);
  check.that(op.out.contiguous(), "out: expected rows without gaps");
  check.one_type(*this, {op.out});
  if (op.out.size() > 0) do_fill_normal(op);
}

void Backend::copy(const ConstTensorView& from, const TensorView& to) {
  const Check check("ops.copy");
  check.any("from", from);
  check.matrix("to", to, from.rows, from.cols);
  check.that(from.dtype == to.dtype, "dtype: from and to differ");
  check.disjoint("to", to, "from", from);
  if (to.size() > 0) do_copy(from, to);
}

void Backend::add(const ConstTensorView& x, const TensorView& y) {
  const Check check("ops.add");
  check.any("x", x);
  check.matrix("y", y, x.rows, x.cols);
  check.disjoint("y", y, "x", x);
  check.one_type(*this, {x, y});
  if (y.size() > 0) do_add(x, y);
}

void Backend::embedding_forward(const EmbeddingForward& op) {
  const Check check("ops.embedding_forward");
  check.any("table", op.table);
  check.matrix("out", op.out, length(op.ids.size()), op.table.cols);
  check.ids("ids", op.ids, op.table.rows);
  check.disjoint("out", op.out, "table", op.table);
  check.one_type(*this, {op.table, op.out});
  if (op.out.size() > 0) do_embedding_forward(op);
}

void Backend::embedding_backward(const EmbeddingBackward& op) {
  const Check check("ops.embedding_backward");
  check.any("dtable", op.dtable);
  check.matrix("dout", op.dout, length(op.ids.size()), op.dtable.cols);
  check.ids("ids", op.ids, op.dtable.rows);
  check.disjoint("dtable", op.dtable, "dout", op.dout);
  check.one_type(*this, {op.dout});
  check.f32("dtable", op.dtable);
  if (op.dout.size() > 0) do_embedding_backward(op);
}

void Backend::rms_norm_forward(const RmsNormForward& op) {
  const Check check("ops.rms_norm_forward");
  check.any("x", op.x);
  check.that(op.groups > 0 && op.x.cols % op.groups == 0, "groups: must divide the columns");
  check.matrix("y", op.y, op.x.rows, op.x.cols);
  check.matrix("weight", op.weight, 1, op.x.cols / op.groups);
  check.matrix("inv_rms", op.inv_rms, op.x.rows, op.groups);
  if (op.accumulate) {
    check.disjoint("y", op.y, "x", op.x);
  } else {
    check.same_or_disjoint("y", op.y, "x", op.x);
  }
  check.disjoint("y", op.y, "weight", op.weight);
  check.disjoint("inv_rms", op.inv_rms, "x", op.x);
  check.disjoint("inv_rms", op.inv_rms, "y", op.y);
  check.one_type(*this, {op.x, op.weight, op.y});
  check.f32("inv_rms", op.inv_rms);
  if (op.x.size() > 0) do_rms_norm_forward(op);
}

void Backend::rms_norm_backward(const RmsNormBackward& op) {
  const Check check("ops.rms_norm_backward");
  check.any("x", op.x);
  check.that(op.groups > 0 && op.x.cols % op.groups == 0, "groups: must divide the columns");
  check.matrix("dy", op.dy, op.x.rows, op.x.cols);
  check.matrix("weight", op.weight, 1, op.x.cols / op.groups);
  check.matrix("inv_rms", op.inv_rms, op.x.rows, op.groups);
  check.matrix("dx", op.dx, op.x.rows, op.x.cols);
  check.optional("dweight", op.dweight, 1, op.x.cols / op.groups);
  if (op.accumulate) {
    check.disjoint("dx", op.dx, "dy", op.dy);
  } else {
    check.same_or_disjoint("dx", op.dx, "dy", op.dy);
  }
  check.disjoint("dx", op.dx, "x", op.x);
  check.disjoint("dx", op.dx, "weight", op.weight);
  check.disjoint("dx", op.dx, "inv_rms", op.inv_rms);
  check.disjoint("dweight", op.dweight, "dx", op.dx);
  check.disjoint("dweight", op.dweight, "dy", op.dy);
  check.disjoint("dweight", op.dweight, "x", op.x);
  check.disjoint("dweight", op.dweight, "weight", op.weight);
  check.one_type(*this, {op.dy, op.x, op.weight, op.dx});
  check.f32("inv_rms", op.inv_rms);
  check.f32("dweight", op.dweight);
  if (op.x.size() > 0) do_rms_norm_backward(op);
}

void Backend::rope(const Rope& op) {
  const Check check("ops.rope");
  check.that(op.head_dim > 0 && op.rotary_dim >= 0 && op.rotary_dim % 2 == 0 && op.rotary_dim <= op.head_dim,
             "rotary_dim: expected an even number up to head_dim");
  const std::int64_t n = length(op.position_ids.size());
  check.matrix("q", op.q, n, op.q.cols);
  check.that(op.q.cols % op.head_dim == 0, "q: expected whole heads");
  if (op.k) {
    check.matrix("k", op.k, n, op.k.cols);
    check.that(op.k.cols % op.head_dim == 0, "k: expected whole heads");
  }
  check.matrix("table", op.table, op.table.rows, op.rotary_dim);
  check.ids("position_ids", op.position_ids, op.table.rows);
  check.disjoint("q", op.q, "k", op.k);
  check.disjoint("q", op.q, "table", op.table);
  check.disjoint("k", op.k, "table", op.table);
  check.one_type(*this, {op.q, op.k});
  check.f32("table", op.table);
  if (n > 0 && op.rotary_dim > 0) do_rope(op);
}

void Backend::gated_forward(const GatedForward& op) {
  const Check check("ops.gated_forward");
  check.any("gate", op.gate);
  check.matrix("up", op.up, op.gate.rows, op.gate.cols);
  check.matrix("out", op.out, op.gate.rows, op.gate.cols);
  check.same_or_disjoint("out", op.out, "gate", op.gate);
  check.same_or_disjoint("out", op.out, "up", op.up);
  check.one_type(*this, {op.gate, op.up, op.out});
  if (op.out.size() > 0) do_gated_forward(op);
}

void Backend::gated_backward(const GatedBackward& op) {
  const Check check("ops.gated_backward");
  check.any("gate", op.gate);
  check.matrix("up", op.up, op.gate.rows, op.gate.cols);
  check.matrix("dout", op.dout, op.gate.rows, op.gate.cols);
  check.matrix("dgate", op.dgate, op.gate.rows, op.gate.cols);
  check.matrix("dup", op.dup, op.gate.rows, op.gate.cols);
  check.disjoint("dgate", op.dgate, "dup", op.dup);
  check.same_or_disjoint("dgate", op.dgate, "dout", op.dout);
  check.same_or_disjoint("dgate", op.dgate, "gate", op.gate);
  check.same_or_disjoint("dgate", op.dgate, "up", op.up);
  check.same_or_disjoint("dup", op.dup, "dout", op.dout);
  check.same_or_disjoint("dup", op.dup, "gate", op.gate);
  check.same_or_disjoint("dup", op.dup, "up", op.up);
  check.one_type(*this, {op.dout, op.gate, op.up, op.dgate, op.dup});
  if (op.dgate.size() > 0) do_gated_backward(op);
}

void Backend::project_forward(const ProjectForward& op) {
  const Check check("ops.project_forward");
  check.any("x", op.x);
  check.equal("y", length(op.y.size()), length(op.projections.size()));
  check_dropout(check, op.dropout, op.x.rows);
  std::int64_t ranks = 0;
  for (std::size_t p = 0; p < op.projections.size(); ++p) {
    const Projection& projection = op.projections[p];
    check.any("y", op.y[p]);
    check.one_type(*this,
                   {op.x, projection.weight, projection.bias, projection.lora.a, projection.lora.b, op.t, op.y[p]});
    check.equal("y rows", op.y[p].rows, op.x.rows);
    ranks += check_projection(check, projection, op.x.cols, op.y[p].cols);
    check.disjoint("y", op.y[p], "x", op.x);
    check.disjoint("y", op.y[p], "weight", projection.weight);
    check.disjoint("y", op.y[p], "bias", projection.bias);
    check.disjoint("y", op.y[p], "lora a", projection.lora.a);
    check.disjoint("y", op.y[p], "lora b", projection.lora.b);
    check.disjoint("y", op.y[p], "t", op.t);
    for (std::size_t other = 0; other < p; ++other) check.disjoint("y", op.y[p], "another y", op.y[other]);
  }
  if (ranks > 0) check.matrix("t", op.t, op.x.rows, ranks);
  check.disjoint("t", op.t, "x", op.x);
  if (op.addend) {
    check.that(op.accumulate && op.y.size() == 1, "addend: expected one projection that accumulates");
    check.matrix("addend", op.addend, op.y[0].rows, op.y[0].cols);
    check.same_or_disjoint("y", op.y[0], "addend", op.addend);
    check.one_type(*this, {op.x, op.addend});
  }
  if (op.x.rows > 0) do_project_forward(op);
}

void Backend::project_backward(const ProjectBackward& op) {
  const Check check("ops.project_backward");
  check.any("x", op.x);
  check.equal("dy", length(op.dy.size()), length(op.projections.size()));
  check.equal("grads", length(op.grads.size()), length(op.projections.size()));
  check.optional("dx", op.dx, op.x.rows, op.x.cols);
  check.disjoint("dx", op.dx, "x", op.x);
  check.disjoint("dx", op.dx, "t", op.t);
  check_dropout(check, op.dropout, op.x.rows);
  std::int64_t ranks = 0;
  for (std::size_t p = 0; p < op.projections.size(); ++p) {
    const Projection& projection = op.projections[p];
    const ProjectionGrads& grads = op.grads[p];
    const ConstTensorView& dy = op.dy[p];
    check.any("dy", dy);
    check.one_type(*this, {op.x, projection.weight, projection.lora.a, projection.lora.b, op.t, op.dx, dy});
    check.equal("dy rows", dy.rows, op.x.rows);
    const std::int64_t rank = check_projection(check, projection, op.x.cols, dy.cols);
    ranks += rank;
    check.that(rank > 0 || (!grads.da && !grads.db), "grads: da or db without LoRA");
    check.optional("da", grads.da, rank, op.x.cols);
    check.optional("db", grads.db, dy.cols, rank);
    check.optional("dweight", grads.dweight, dy.cols, op.x.cols);
    check.optional("dbias", grads.dbias, 1, dy.cols);
    check.disjoint("dx", op.dx, "dy", dy);
    check.disjoint("dx", op.dx, "weight", projection.weight);
    for (const TensorView& grad : {grads.da, grads.db, grads.dweight, grads.dbias}) {
      check.f32("grads", grad);
      check.disjoint("grads", grad, "dy", dy);
      check.disjoint("grads", grad, "x", op.x);
      check.disjoint("grads", grad, "dx", op.dx);
      check.disjoint("grads", grad, "weight", projection.weight);
    }
  }
  if (ranks > 0) check.matrix("t", op.t, op.x.rows, ranks);
  if (op.x.rows > 0) do_project_backward(op);
}

void Backend::adapted_row_norms(const AdaptedRowNorms& op) {
  const Check check("ops.adapted_row_norms");
  const ConstTensorView& weight = op.projection.weight;
  check.any("weight", weight);
  Projection unbiased = op.projection;
  unbiased.bias = {};
  check_projection(check, unbiased, weight.cols, weight.rows);
  check.matrix("norms", op.norms, 1, weight.rows);
  check.disjoint("norms", op.norms, "weight", weight);
  check.one_type(*this, {weight, op.projection.lora.a, op.projection.lora.b});
  check.f32("norms", op.norms);
  if (weight.size() > 0) do_adapted_row_norms(op);
}

void Backend::column_scale_forward(const ColumnScaleForward& op) {
  const Check check("ops.column_scale_forward");
  check.any("x", op.x);
  check.matrix("y", op.y, op.x.rows, op.x.cols);
  check.matrix("magnitude", op.magnitude, 1, op.x.cols);
  check.matrix("norms", op.norms, 1, op.x.cols);
  check.optional("bias", op.bias, 1, op.x.cols);
  if (op.accumulate) {
    check.disjoint("y", op.y, "x", op.x);
  } else {
    check.same_or_disjoint("y", op.y, "x", op.x);
  }
  check.one_type(*this, {op.x, op.bias, op.y});
  check.f32("magnitude", op.magnitude);
  check.f32("norms", op.norms);
  if (op.x.size() > 0) do_column_scale_forward(op);
}

void Backend::column_scale_backward(const ColumnScaleBackward& op) {
  const Check check("ops.column_scale_backward");
  check.any("x", op.x);
  check.matrix("dy", op.dy, op.x.rows, op.x.cols);
  check.matrix("dx", op.dx, op.x.rows, op.x.cols);
  check.matrix("magnitude", op.magnitude, 1, op.x.cols);
  check.matrix("norms", op.norms, 1, op.x.cols);
  check.optional("dmagnitude", op.dmagnitude, 1, op.x.cols);
  check.optional("dbias", op.dbias, 1, op.x.cols);
  check.same_or_disjoint("dx", op.dx, "dy", op.dy);
  check.disjoint("dx", op.dx, "x", op.x);
  check.disjoint("dmagnitude", op.dmagnitude, "dbias", op.dbias);
  check.one_type(*this, {op.dy, op.x, op.dx});
  for (const ConstTensorView& v : {op.magnitude, op.norms}) check.f32("magnitude or norms", v);
  for (const TensorView& v : {op.dmagnitude, op.dbias}) check.f32("dmagnitude or dbias", v);
  if (op.x.size() > 0) do_column_scale_backward(op);
}

void Backend::attention_forward(const AttentionForward& op) {
  const Check check("ops.attention_forward");
  const AttentionShape& shape = op.shape;
  check_attention_shape(check, shape);
  const std::int64_t n = op.q.rows;
  check.matrix("q", op.q, n, shape.heads * shape.head_dim);
  check.matrix("k", op.k, op.k.rows, shape.kv_heads * shape.head_dim);
  check.matrix("v", op.v, op.k.rows, shape.kv_heads * shape.head_dim);
  check.matrix("out", op.out, n, shape.heads * shape.head_dim);
  check.optional("lse", op.lse, n, shape.heads);
  check.cu_seqlens("cu_seqlens_q", op.cu_seqlens_q, n);
  check.cu_seqlens("cu_seqlens_k", op.cu_seqlens_k, op.k.rows);
  check.equal("cu_seqlens_k", length(op.cu_seqlens_k.size()), length(op.cu_seqlens_q.size()));
  for (std::size_t s = 0; s + 1 < op.cu_seqlens_q.size(); ++s) {
    const std::int32_t nq = op.cu_seqlens_q[s + 1] - op.cu_seqlens_q[s];
    const std::int32_t nk = op.cu_seqlens_k[s + 1] - op.cu_seqlens_k[s];
    check.that(nk >= nq, "cu_seqlens: a sequence has fewer keys than queries");
  }
  check.disjoint("out", op.out, "q", op.q);
  check.disjoint("out", op.out, "k", op.k);
  check.disjoint("out", op.out, "v", op.v);
  check.disjoint("lse", op.lse, "q", op.q);
  check.disjoint("lse", op.lse, "k", op.k);
  check.disjoint("lse", op.lse, "v", op.v);
  check.disjoint("lse", op.lse, "out", op.out);
  check.one_type(*this, {op.q, op.k, op.v, op.out});
  check.f32("lse", op.lse);
  if (n > 0) do_attention_forward(op);
}

void Backend::attention_backward(const AttentionBackward& op) {
  const Check check("ops.attention_backward");
  const AttentionShape& shape = op.shape;
  check_attention_shape(check, shape);
  const std::int64_t n = op.q.rows;
  const std::int64_t q_cols = shape.heads * shape.head_dim;
  const std::int64_t k_cols = shape.kv_heads * shape.head_dim;
  check.matrix("q", op.q, n, q_cols);
  check.matrix("k", op.k, n, k_cols);
  check.matrix("v", op.v, n, k_cols);
  check.matrix("out", op.out, n, q_cols);
  check.matrix("dout", op.dout, n, q_cols);
  check.matrix("lse", op.lse, n, shape.heads);
  check.matrix("dq", op.dq, n, q_cols);
  check.matrix("dk", op.dk, n, k_cols);
  check.matrix("dv", op.dv, n, k_cols);
  check.cu_seqlens("cu_seqlens", op.cu_seqlens, n);
  for (const TensorView& grad : {op.dq, op.dk, op.dv}) {
    for (const ConstTensorView& input : {op.q, op.k, op.v, op.out, op.dout, op.lse}) {
      check.disjoint("dq, dk or dv", grad, "an input", input);
    }
  }
  check.disjoint("dq", op.dq, "dk", op.dk);
  check.disjoint("dq", op.dq, "dv", op.dv);
  check.disjoint("dk", op.dk, "dv", op.dv);
  check.one_type(*this, {op.dout, op.q, op.k, op.v, op.out, op.dq, op.dk, op.dv});
  check.f32("lse", op.lse);
  if (n > 0) do_attention_backward(op);
}

void Backend::loss_head(const LossHead& op) {
  const Check check("ops.loss_head");
  const std::int64_t m = length(op.rows.size());
  check.any("hidden", op.hidden);
  check.matrix("weight", op.weight, op.weight.rows, op.hidden.cols);
  check.that(op.softcap >= 0.0f, "softcap: must not be negative");
  check.ids("rows", op.rows, op.hidden.rows);
  for (std::size_t i = 1; i < op.rows.size(); ++i) {
    check.that(op.rows[i - 1] < op.rows[i], "rows: expected a strictly increasing list");
  }
  check.equal("targets", length(op.targets.size()), m);
  check.ids("targets", op.targets, op.weight.rows);
  const auto rows_or_none = [&](std::string_view name, std::size_t size) {
    if (size != 0) check.equal(name, length(size), m);
  };
  rows_or_none("loss", op.out.loss.size());
  rows_or_none("log_sum_exp", op.out.log_sum_exp.size());
  rows_or_none("entropy", op.out.entropy.size());
  rows_or_none("argmax", op.out.argmax.size());
  rows_or_none("rank", op.out.rank.size());
  rows_or_none("logits", op.out.logits.size());
  if (op.dhidden || op.dweight) check.equal("row_weights", length(op.row_weights.size()), m);
  check.optional("dhidden", op.dhidden, op.hidden.rows, op.hidden.cols);
  check.optional("dweight", op.dweight, op.weight.rows, op.weight.cols);
  check.same_or_disjoint("dhidden", op.dhidden, "hidden", op.hidden);
  check.disjoint("dhidden", op.dhidden, "weight", op.weight);
  check.disjoint("dweight", op.dweight, "weight", op.weight);
  check.disjoint("dweight", op.dweight, "hidden", op.hidden);
  check.disjoint("dweight", op.dweight, "dhidden", op.dhidden);
  check.one_type(*this, {op.hidden, op.weight, op.dhidden});
  check.f32("dweight", op.dweight);
  if (op.hidden.rows > 0) do_loss_head(op);
}

void Backend::logits_forward(const LogitsForward& op) {
  const Check check("ops.logits_forward");
  check_logits(check, *this, op);
  check.that(op.logits.dtype == DType::kF32, "logits: expected F32");
  if (op.logits.size() > 0) do_logits_forward(op);
}

std::unique_ptr<Fetch> Backend::begin_logits(const LogitsForward& op) {
  const Check check("ops.begin_logits");
  check_logits(check, *this, op);
  check.that(op.logits.dtype == DType::kF32 || op.logits.dtype == DType::kF16, "logits: expected F32 or F16");
  check.that(op.logits.contiguous(), "logits: expected no gaps");
  if (op.logits.size() > 0) return do_begin_logits(op);
  return std::make_unique<Fetched>();
}

std::unique_ptr<Fetch> Backend::do_begin_logits(const LogitsForward& op) {
  if (op.logits.dtype == DType::kF32) {
    do_logits_forward(op);
    return std::make_unique<Fetched>();
  }
  std::vector<float> wide(static_cast<std::size_t>(op.logits.size()));
  LogitsForward exact = op;
  exact.logits = TensorView(wide.data(), op.logits.rows, op.logits.cols);
  do_logits_forward(exact);
  auto* out = static_cast<std::uint16_t*>(op.logits.data);
  for (std::size_t i = 0; i < wide.size(); ++i) {
    const float x = wide[i];
    out[i] = f32_to_f16(std::isfinite(x) ? std::clamp(x, -kLargestF16, kLargestF16) : x);
  }
  return std::make_unique<Fetched>();
}

std::unique_ptr<DeviceBuffer> Backend::allocate_to_fetch(std::size_t bytes) {
  return std::make_unique<PlainMemory>(bytes);
}

namespace {

void check_dequantize(const Backend& backend, const DequantizeNf4& op) {
  const Check check("ops.dequantize_nf4");
  check.matrix("out", op.out, op.matrix.rows, op.matrix.cols);
  check.that(op.matrix.codes != nullptr && op.matrix.absmax != nullptr && op.matrix.nested_absmax != nullptr &&
                 op.matrix.absmax_table != nullptr,
             "matrix: expected codes, absmax and their tables");
  check.one_type(backend, {op.out});
}

}  // namespace

void Backend::dequantize_nf4(const DequantizeNf4& op) {
  check_dequantize(*this, op);
  if (op.out.size() > 0) do_dequantize_nf4(op);
}

void Backend::begin_dequantize_nf4(const DequantizeNf4& op) {
  check_dequantize(*this, op);
  if (op.out.size() > 0) do_begin_dequantize_nf4(op);
}

void Backend::adamw(const AdamW& op) {
  const Check check("ops.adamw");
  const std::int64_t n = length(op.weight.size());
  check.equal("grad", length(op.grad.size()), n);
  check.equal("m", length(op.m.size()), n);
  check.equal("v", length(op.v.size()), n);
  check.that(op.bf16_copy.empty() || op.bf16_copy.size() == op.weight.size(), "bf16_copy: expected as many as weight");
  check.that(op.step >= 1, "step: counts from 1");
  check.that(op.beta1 >= 0.0f && op.beta1 < 1.0f && op.beta2 >= 0.0f && op.beta2 < 1.0f, "betas: expected [0, 1)");
  check.disjoint("weight", op.weight, "grad", op.grad);
  check.disjoint("weight", op.weight, "m", op.m);
  check.disjoint("weight", op.weight, "v", op.v);
  check.disjoint("m", op.m, "v", op.v);
  check.disjoint("grad", op.grad, "m", op.m);
  check.disjoint("grad", op.grad, "v", op.v);
  if (n > 0) do_adamw(op);
}

double Backend::squared_norm(std::span<const float> x) {
  return x.empty() ? 0.0 : do_squared_norm(x);
}

void Backend::squared_norms(std::span<const float> x, std::span<const std::int64_t> bounds, std::span<double> out) {
  const Check check("ops.squared_norms");
  check.equal("bounds", length(bounds.size()), length(out.size()) + 1);
  for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
    check.that(bounds[i] <= bounds[i + 1], "bounds: expected a list that does not decrease");
  }
  check.that(bounds.front() >= 0 && bounds.back() <= length(x.size()), "bounds: expected places in x");
  if (!out.empty()) do_squared_norms(x, bounds, out);
}

}  // namespace vernier
