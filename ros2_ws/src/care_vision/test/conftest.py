# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

#: Metadata as an ultralytics export has it.
METADATA = {'task': 'detect', 'names': "{0: 'person', 1: 'chair'}", 'imgsz': '[32, 64]'}


@pytest.fixture
def tiny_model(tmp_path) -> Callable[..., Path]:
    """Make an ONNX file that answers every picture with one and the same output."""
    onnx = pytest.importorskip('onnx', reason='onnx is not installed')

    def make(output: np.ndarray, metadata: dict[str, str] = METADATA, shape=(1, 3, 32, 64)) -> Path:
        helper, kind = onnx.helper, onnx.TensorProto.FLOAT
        picture = helper.make_tensor_value_info('images', kind, shape)
        answer = helper.make_tensor_value_info('output0', kind, None)
        constant = onnx.numpy_helper.from_array(output.astype(np.float32), 'constant')
        zero = onnx.numpy_helper.from_array(np.zeros(1, np.float32), 'zero')
        nodes = [
            helper.make_node('ReduceMean', ['images'], ['mean'], keepdims=0),
            helper.make_node('Mul', ['mean', 'zero'], ['nothing']),
            helper.make_node('Add', ['constant', 'nothing'], ['output0']),
        ]
        made = helper.make_graph(nodes, 'tiny', [picture], [answer], [constant, zero])
        model = helper.make_model(made, opset_imports=[helper.make_opsetid('', 17)])
        model.ir_version = 8
        helper.set_model_props(model, metadata)
        path = tmp_path / 'tiny.onnx'
        onnx.save(model, str(path))
        return path

    return make
