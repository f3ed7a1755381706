#!/bin/sh
# Calibration divided among an array of eight Slurm jobs, then merged, on a file system that all nodes share.
#
#   MODEL=model.onnx IMAGES=images sh slurm.sh
#
# The result is quantize_result/quant_info.json, equal to that of one run to the byte. If a shard has failed, run it again
# (sbatch --array=5 …) and then the merge, which refuses to start unless all shards are there.
set -eu

MODEL=${MODEL:?the ONNX model}
IMAGES=${IMAGES:?the folder of images}
SHARDS=${SHARDS:-8}
OUTPUT=${OUTPUT:-quantize_result}
# Jobs inherit the environment.
export MODEL IMAGES SHARDS OUTPUT

array=$(sbatch --parsable --job-name=halftone-calib --array="1-$SHARDS" --gpus=1 --cpus-per-task=4 --mem=8G \
  --wrap='halftone calib --model "$MODEL" --data "$IMAGES" --seed 0 --device hardware \
    --output "$OUTPUT/shards" --shard "$SLURM_ARRAY_TASK_ID/$SHARDS"')

sbatch --job-name=halftone-merge --dependency="afterok:$array" --mem=4G \
  --wrap='halftone merge "$OUTPUT/shards"/shard-*-of-"$SHARDS".json --output "$OUTPUT"'
