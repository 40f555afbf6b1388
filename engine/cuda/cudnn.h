// The parts of cuDNN's backend API that are used, loaded at run time where the library is: attention of ours does
// without. Declared here, so that no build needs cuDNN's headers; names and values are those of its documentation
// (NVIDIA cuDNN backend API, "cudnn_graph library"), the same in every version 9.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace vernier::cuda {

enum CudnnDescriptor : int {
  kCudnnPointwise = 0,
  kCudnnEngineConfig = 3,
  kCudnnEngineHeuristics = 4,
  kCudnnExecutionPlan = 5,
  kCudnnOperationPointwise = 13,
  kCudnnOperationGraph = 15,
  kCudnnVariantPack = 16,
  kCudnnTensor = 17,
  kCudnnMatmul = 18,
  kCudnnOperationMatmul = 19,
  kCudnnReduction = 21,
  kCudnnOperationReduction = 22,
};

enum CudnnAttribute : int {
  kCudnnPointwiseMode = 0,
  kCudnnPointwisePrecision = 1,
  kCudnnPointwiseAxis = 9,
  kCudnnHeuristicsMode = 200,
  kCudnnHeuristicsGraph = 201,
  kCudnnHeuristicsResults = 202,
  kCudnnPlanHandle = 400,
  kCudnnPlanEngineConfig = 401,
  kCudnnPlanWorkspaceSize = 402,
  kCudnnOperationPointwiseDescriptor = 750,
  kCudnnOperationPointwiseX = 751,
  kCudnnOperationPointwiseB = 752,
  kCudnnOperationPointwiseY = 753,
  kCudnnOperationPointwiseT = 758,
  kCudnnGraphHandle = 800,
  kCudnnGraphOperations = 801,
  kCudnnTensorAlignment = 900,
  kCudnnTensorDataType = 901,
  kCudnnTensorDimensions = 902,
  kCudnnTensorStrides = 903,
  kCudnnTensorUniqueId = 906,
  kCudnnTensorIsVirtual = 907,
  kCudnnTensorIsByValue = 908,
  kCudnnTensorRaggedOffset = 913,
  kCudnnVariantUniqueIds = 1000,
  kCudnnVariantPointers = 1001,
  kCudnnVariantWorkspace = 1003,
  kCudnnMatmulPrecision = 1500,
  kCudnnOperationMatmulA = 1520,
  kCudnnOperationMatmulB = 1521,
  kCudnnOperationMatmulC = 1522,
  kCudnnOperationMatmulDescriptor = 1523,
  kCudnnOperationMatmulM = 1525,
  kCudnnOperationMatmulN = 1526,
  kCudnnOperationMatmulK = 1527,
  kCudnnReductionOperator = 1600,
  kCudnnReductionPrecision = 1601,
  kCudnnOperationReductionX = 1610,
  kCudnnOperationReductionY = 1611,
  kCudnnOperationReductionDescriptor = 1612,
};

enum CudnnType : int {
  kCudnnTypeHandle = 0,
  kCudnnTypeDataType = 1,
  kCudnnTypeBoolean = 2,
  kCudnnTypeInt64 = 3,
  kCudnnTypePointer = 6,
  kCudnnTypeHeuristicsMode = 8,
  kCudnnTypePointwiseMode = 14,
  kCudnnTypeDescriptor = 15,
  kCudnnTypeReductionOperator = 18,
};

enum CudnnData : int { kCudnnFloat = 0, kCudnnInt32 = 4, kCudnnBFloat16 = 9, kCudnnBoolean = 11 };

enum CudnnPointwiseMode : int {
  kCudnnAdd = 0,
  kCudnnMul = 1,
  kCudnnDiv = 6,
  kCudnnSub = 9,
  kCudnnExp = 13,
  kCudnnLog = 15,
  kCudnnGreaterOrEqual = 303,
  kCudnnLess = 304,
  kCudnnAnd = 400,
  kCudnnIndex = 501,
  kCudnnSelect = 601,
};

enum CudnnReductionMode : int { kCudnnReduceAdd = 0, kCudnnReduceMax = 3 };
enum CudnnHeuristics : int { kCudnnHeuristicsA = 3 };

// A status; 0 is success.
using CudnnStatus = int;
using CudnnHandle = struct cudnnContext*;
using CudnnObject = void*;  // a descriptor

struct Cudnn {
  std::size_t (*version)();  // 9.19.0 is 91900
  const char* (*status_name)(CudnnStatus);
  void (*last_error)(char* message, std::size_t size);
  CudnnStatus (*create)(CudnnHandle*);
  CudnnStatus (*destroy)(CudnnHandle);
  CudnnStatus (*set_stream)(CudnnHandle, cudaStream_t);
  CudnnStatus (*create_descriptor)(CudnnDescriptor, CudnnObject*);
  CudnnStatus (*destroy_descriptor)(CudnnObject);
  CudnnStatus (*finalize)(CudnnObject);
  CudnnStatus (*set_attribute)(CudnnObject, CudnnAttribute, CudnnType, std::int64_t count, const void* values);
  CudnnStatus (*get_attribute)(CudnnObject, CudnnAttribute, CudnnType, std::int64_t room, std::int64_t* count,
                               void* values);
  CudnnStatus (*execute)(CudnnHandle, CudnnObject plan, CudnnObject variant_pack);
};

// VERNIER_CUDNN=0 leaves the library alone; any other value is the path of its libcudnn.so.9.
inline constexpr const char* kCudnnVariable = "VERNIER_CUDNN";

// Looks for the library once. Null where there is none that serves; `why` then says so, else which one it is.
const Cudnn* find_cudnn(std::string* why = nullptr);

}  // namespace vernier::cuda
