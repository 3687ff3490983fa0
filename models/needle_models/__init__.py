# SPDX-License-Identifier: Apache-2.0
"""Everything that makes a needle-router model: tokenizer, data, training, quantisation, evaluation."""
