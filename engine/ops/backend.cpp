#include "engine/ops/backend.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "vernier/error.h"

namespace vernier {
namespace {

std::string shape_text(std::int64_t rows, std::int64_t cols) {
  return "[" + std::to_string(rows) + ", " + std::to_string(cols) + "]";
}

// A half-open range of bytes laid out as rows of a pitch; a flat array is one row.
struct Extent {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  std::uintptr_t row_bytes = 0;
  std::uintptr_t pitch = 0;
};

Extent extent_of(const ConstTensorView& v) {
  if (!v || v.rows == 0 || v.cols == 0) return {};
  const auto unit = static_cast<std::uintptr_t>(size_of(v.dtype));
  const auto begin = reinterpret_cast<std::uintptr_t>(v.data);
  const auto row_bytes = static_cast<std::uintptr_t>(v.cols) * unit;
  const auto pitch = v.rows > 1 ? static_cast<std::uintptr_t>(v.stride) * unit : row_bytes;
  return {begin, begin + static_cast<std::uintptr_t>(v.rows - 1) * pitch + row_bytes, row_bytes, pitch};
}

template <typename T>
Extent extent_of(std::span<T> s) {
  if (s.empty()) return {};
  const auto begin = reinterpret_cast<std::uintptr_t>(s.data());
  return {begin, begin + s.size_bytes(), s.size_bytes(), s.size_bytes()};
}

// Whether any byte belongs to both. Column ranges of one matrix (q, k and v side by side) do not overlap.
bool overlap(const Extent& a, const Extent& b) {
  if (a.begin == a.end || b.begin == b.end || a.end <= b.begin || b.end <= a.begin) return false;
  const std::uintptr_t pitch = std::max(a.pitch, b.pitch);
  const bool a_fits = a.pitch == pitch || a.begin + a.row_bytes == a.end;
  const bool b_fits = b.pitch == pitch || b.begin + b.row_bytes == b.end;
  if (!a_fits || !b_fits || a.row_bytes > pitch || b.row_bytes > pitch) return true;
  const std::uintptr_t shift =
      b.begin >= a.begin ? (b.begin - a.begin) % pitch : (pitch - (a.begin - b.begin) % pitch) % pitch;
  return !(shift >= a.row_bytes && shift + b.row_bytes <= pitch);
}

bool same_view(const ConstTensorView& a, const ConstTensorView& b) {
  return a.data == b.data && a.dtype == b.dtype && a.rows == b.rows && a.cols == b.cols &&
         (a.stride == b.stride || a.rows <= 1);
}

// Checks of one operation; texts are only made when one fails.
class Check {
 public:
  explicit Check(std::string_view op) : op_(op) {}

  void that(bool ok, std::string_view what) const {
    if (!ok) fail(ErrorCode::kInternal, op_, what);
  }

  void equal(std::string_view name, std::int64_t got, std::int64_t expected) const {
    if (got == expected) return;
    fail_with(name, "got " + std::to_string(got) + ", expected " + std::to_string(expected));
  }

  // A matrix that must be there (unless it holds nothing) and be [rows, cols].
  void matrix(std::string_view name, const ConstTensorView& v, std::int64_t rows, std::int64_t cols) const {
    if (v.rows != rows || v.cols != cols) {
      fail_with(name, "got " + shape_text(v.rows, v.cols) + ", expected " + shape_text(rows, cols));
    }
    any(name, v);
  }

  // A matrix that must be there, of any shape.
  void any(std::string_view name, const ConstTensorView& v) const {
    if (v.rows < 0 || v.cols < 0) fail_with(name, "got a negative shape " + shape_text(v.rows, v.cols));
    if (!v && v.rows * v.cols != 0) fail_with(name, "got no data, expected " + shape_text(v.rows, v.cols));
    if (v.rows > 1 && v.stride < v.cols) {
      fail_with(name, "got row stride " + std::to_string(v.stride) + ", expected at least " + std::to_string(v.cols));
    }
  }

  void optional(std::string_view name, const ConstTensorView& v, std::int64_t rows, std::int64_t cols) const {
    if (v) matrix(name, v, rows, cols);
  }

  // Every value in [0, limit).
  void ids(std::string_view name, std::span<const std::int32_t> values, std::int64_t limit) const {
    for (const std::int32_t value : values) {
      if (value < 0 || value >= limit) {
        fail_with(name, "got " + std::to_string(value) + ", expected a value in [0, " + std::to_string(limit) + ")");
      }
    }
  }

  // Starts with 0, never decreases, ends with `total`.
  void cu_seqlens(std::string_view name, std::span<const std::int32_t> values, std::int64_t total) const {
    if (values.empty() || values.front() != 0) fail_with(name, "expected a list that starts with 0");
    if (!std::is_sorted(values.begin(), values.end())) fail_with(name, "expected a list that never decreases");
    equal(name, values.back(), total);
  }

  template <typename A, typename B>
  void disjoint(std::string_view name_a, const A& a, std::string_view name_b, const B& b) const {
    if (!overlap(extent_of(a), extent_of(b))) return;
    fail_with(name_a, "shares memory with " + std::string(name_b));
  }

  void same_or_disjoint(std::string_view name_a, const ConstTensorView& a, std::string_view name_b,
                        const ConstTensorView& b) const {
    if (!same_view(a, b)) disjoint(name_a, a, name_b, b);
  }

 private:
  [[noreturn]] void fail_with(std::string_view name, const std::string& what) const {
    fail(ErrorCode::kInternal, op_, std::string(name) + ": " + what);
  }

  std::string_view op_;
};

std::int64_t length(std::size_t size) {
  return static_cast<std::int64_t>(size);
}

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

}  // namespace

void Backend::zero(const TensorView& x) {
  const Check check("ops.zero");
  check.any("x", x);
  if (x.size() > 0) do_zero(x);
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
  if (y.size() > 0) do_add(x, y);
}

void Backend::embedding_forward(const EmbeddingForward& op) {
  const Check check("ops.embedding_forward");
  check.any("table", op.table);
  check.matrix("out", op.out, length(op.ids.size()), op.table.cols);
  check.ids("ids", op.ids, op.table.rows);
  check.disjoint("out", op.out, "table", op.table);
  if (op.out.size() > 0) do_embedding_forward(op);
}

void Backend::embedding_backward(const EmbeddingBackward& op) {
  const Check check("ops.embedding_backward");
  check.any("dtable", op.dtable);
  check.matrix("dout", op.dout, length(op.ids.size()), op.dtable.cols);
  check.ids("ids", op.ids, op.dtable.rows);
  check.disjoint("dtable", op.dtable, "dout", op.dout);
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
  if (n > 0 && op.rotary_dim > 0) do_rope(op);
}

void Backend::gated_forward(const GatedForward& op) {
  const Check check("ops.gated_forward");
  check.any("gate", op.gate);
  check.matrix("up", op.up, op.gate.rows, op.gate.cols);
  check.matrix("out", op.out, op.gate.rows, op.gate.cols);
  check.same_or_disjoint("out", op.out, "gate", op.gate);
  check.same_or_disjoint("out", op.out, "up", op.up);
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
  if (op.dhidden || op.dweight) check.equal("row_weights", length(op.row_weights.size()), m);
  check.optional("dhidden", op.dhidden, op.hidden.rows, op.hidden.cols);
  check.optional("dweight", op.dweight, op.weight.rows, op.weight.cols);
  check.same_or_disjoint("dhidden", op.dhidden, "hidden", op.hidden);
  check.disjoint("dhidden", op.dhidden, "weight", op.weight);
  check.disjoint("dweight", op.dweight, "weight", op.weight);
  check.disjoint("dweight", op.dweight, "hidden", op.hidden);
  check.disjoint("dweight", op.dweight, "dhidden", op.dhidden);
  if (op.hidden.rows > 0) do_loss_head(op);
}

void Backend::logits_forward(const LogitsForward& op) {
  const Check check("ops.logits_forward");
  check.any("hidden", op.hidden);
  check.matrix("weight", op.weight, op.weight.rows, op.hidden.cols);
  check.that(op.softcap >= 0.0f, "softcap: must not be negative");
  check.ids("rows", op.rows, op.hidden.rows);
  check.matrix("logits", op.logits, length(op.rows.size()), op.weight.rows);
  check.that(op.logits.dtype == DType::kF32, "logits: expected F32");
  check.disjoint("logits", op.logits, "hidden", op.hidden);
  check.disjoint("logits", op.logits, "weight", op.weight);
  if (op.logits.size() > 0) do_logits_forward(op);
}

void Backend::adamw(const AdamW& op) {
  const Check check("ops.adamw");
  const std::int64_t n = length(op.weight.size());
  check.equal("grad", length(op.grad.size()), n);
  check.equal("m", length(op.m.size()), n);
  check.equal("v", length(op.v.size()), n);
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

}  // namespace vernier
