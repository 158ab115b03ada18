// Generated from models.dev by `npm run catalogue`. Change corrections.ts instead.

/**
 * The published facts of Alibaba's models, a model per line, read by model-rows.ts. From https://models.dev, MIT
 * License, copyright (c) 2025 models.dev: see LICENSE.
 */
export const MODELS_DEV = `
MiniMax-M2.5|MiniMax-M2.5|196608/24576/196601|rt|ci
MiniMax-M2.5|MiniMax-M2.5|196608/24576|rt|cc
MiniMax-M2.5|MiniMax-M2.5|196608/32768/196601|rt|ti tc
MiniMax-M2.5|MiniMax-M2.5|204800/131072|rt|pc
MiniMax/MiniMax-M2.7|MiniMax-M2.7|204800/131072|t|pc
deepseek-r1-0528|DeepSeek R1 0528|131072/16384|t|pc
deepseek-r1-distill-llama-70b|DeepSeek R1 Distill Llama 70B|32768/16384|t|pc
deepseek-r1-distill-llama-8b|DeepSeek R1 Distill Llama 8B|32768/16384|t|pc
deepseek-r1-distill-qwen-1-5b|DeepSeek R1 Distill Qwen 1.5B|32768/16384|t|pc
deepseek-r1-distill-qwen-14b|DeepSeek R1 Distill Qwen 14B|32768/16384|t|pc
deepseek-r1-distill-qwen-32b|DeepSeek R1 Distill Qwen 32B|32768/16384|t|pc
deepseek-r1-distill-qwen-7b|DeepSeek R1 Distill Qwen 7B|32768/16384|t|pc
deepseek-r1|DeepSeek R1|131072/16384|t|pc
deepseek-v3-1|DeepSeek V3.1|131072/65536||pc
deepseek-v3-2-exp|DeepSeek V3.2 Exp|131072/65536||pc
deepseek-v3.2|DeepSeek V3.2|131072/65536|T|ti tc
deepseek-v3|DeepSeek V3|65536/8192||pc
deepseek-v4-flash-0731|DeepSeek V4 Flash 0731|1000000/384000|rT:high,max|pi ti tc
deepseek-v4-flash|DeepSeek V4 Flash|1000000/384000|rT:high,max|pc ti tc
deepseek-v4-pro-0813|DeepSeek V4 Pro 0813|1000000/384000|rT:high,max|ti tc
deepseek-v4-pro|DeepSeek V4 Pro|1000000/384000|rT:high,max|pc ti tc
deepseek-v4.1-flash|DeepSeek V4.1 Flash|1000000/384000|irT:low,high,max|pc ti tc
glm-4.7|GLM-4.7|202752/16384|rT|ci cc
glm-5.1|GLM-5.1|202752/128000|rT131072|pc
glm-5.1|GLM-5.1|202752/128000|rT|ti tc
glm-5.2|GLM-5.2|1000000/128000|rt|pc
glm-5.2|GLM-5.2|1000000/131072|rt:high,max|ti tc
glm-5.2|GLM-5.2|1000000/131072|rt:none,minimal,low,medium,high,xhigh,max|pi
glm-5.3|GLM-5.3|1000000/131072|rt:low,high,max|pc ti tc
glm-5|GLM-5|202752/16384|rT32768|pc
glm-5|GLM-5|202752/16384|rT|ci cc ti tc
kimi-k2-thinking|Moonshot Kimi K2 Thinking|262144/16384|rt32768|pc
kimi-k2.5|Kimi K2.5|262144/32768|irT|cc
kimi-k2.5|Kimi K2.5|262144/32768|ivrT|ci
kimi-k2.5|Kimi K2.5|262144/98304|ivrT81920|ti
kimi-k2.5|Kimi K2.5|262144/98304|ivrT|tc
kimi-k2.5|Moonshot Kimi K2.5|262144/32768|ivrT81920|pc
kimi-k2.6|Kimi K2.6|262144/262144|ivrT81920|ti
kimi-k2.6|Kimi K2.6|262144/262144|ivrT|tc
kimi-k2.6|Moonshot Kimi K2.6|262144/16384|ivrT81920|pc
kimi-k2.7-code|Kimi K2.7 Code|262144/262144|ivrT32768|ti tc
kimi-k3|Kimi K3|1048576/1048576|irt:low,high,max|pi pc
kimi/kimi-k2.5|kimi/kimi-k2.5|262144/262144|ivrT|pc
moonshot-kimi-k2-instruct|Moonshot Kimi K2 Instruct|131072/8192||pc
qvq-max|QVQ Max|131072/8192|it|pi pc
qwen-deep-research|Qwen Deep Research|1000000/32768||pc
qwen-doc-turbo|Qwen Doc Turbo|131072/8192||pc
qwen-flash|Qwen Flash|1000000/32768|T81920|pi pc
qwen-long|Qwen Long|10000000/8192||pc
qwen-math-plus|Qwen Math Plus|4096/3072||pc
qwen-math-turbo|Qwen Math Turbo|4096/3072||pc
qwen-max|Qwen Max|131072/8192||pc
qwen-max|Qwen Max|32768/8192||pi
qwen-plus-character-ja|Qwen Plus Character (Japanese)|8192/512||pi
qwen-plus-character|Qwen Plus Character|32768/4096||pc
qwen-plus|Qwen Plus|1000000/32768|T81920|pi pc
qwen-turbo|Qwen Turbo|1000000/16384|T38912|pi pc
qwen-vl-max|Qwen-VL Max|131072/8192|i|pi pc
qwen-vl-plus|Qwen-VL Plus|131072/8192|i|pi pc
qwen2-5-14b-instruct|Qwen2.5 14B Instruct|131072/8192||pi pc
qwen2-5-32b-instruct|Qwen2.5 32B Instruct|131072/8192||pi pc
qwen2-5-72b-instruct|Qwen2.5 72B Instruct|131072/8192||pi pc
qwen2-5-7b-instruct|Qwen2.5 7B Instruct|131072/8192||pi pc
qwen2-5-coder-32b-instruct|Qwen2.5-Coder 32B Instruct|131072/8192||pc
qwen2-5-coder-7b-instruct|Qwen2.5-Coder 7B Instruct|131072/8192||pc
qwen2-5-math-72b-instruct|Qwen2.5-Math 72B Instruct|4096/3072||pc
qwen2-5-math-7b-instruct|Qwen2.5-Math 7B Instruct|4096/3072||pc
qwen2-5-vl-72b-instruct|Qwen2.5-VL 72B Instruct|131072/8192|i|pi pc
qwen2-5-vl-7b-instruct|Qwen2.5-VL 7B Instruct|131072/8192|i|pi pc
qwen3-14b|Qwen3 14B|131072/8192|T38912|pi pc
qwen3-235b-a22b|Qwen3 235B-A22B|131072/16384|T38912|pi pc
qwen3-32b|Qwen3 32B|131072/16384|T38912|pi pc
qwen3-8b|Qwen3 8B|131072/8192|T38912|pi pc
qwen3-coder-30b-a3b-instruct|Qwen3-Coder 30B-A3B Instruct|262144/65536||pi pc
qwen3-coder-480b-a35b-instruct|Qwen3-Coder 480B-A35B Instruct|262144/65536||pi pc
qwen3-coder-flash|Qwen3 Coder Flash|1000000/65536||pi pc
qwen3-coder-next|Qwen3 Coder Next|262144/65536||ci cc
qwen3-coder-plus|Qwen3 Coder Plus|1000000/65536||ci cc
qwen3-coder-plus|Qwen3 Coder Plus|1048576/65536||pi pc
qwen3-max-2026-01-23|Qwen3 Max|262144/32768||ci cc
qwen3-max|Qwen3 Max|262144/65536|rT81920|pc
qwen3-max|Qwen3 Max|262144/65536||pi
qwen3-next-80b-a3b-instruct|Qwen3-Next 80B-A3B Instruct|131072/32768||pi pc
qwen3-next-80b-a3b-thinking|Qwen3-Next 80B-A3B (Thinking)|131072/32768|t32768|pi pc
qwen3-vl-235b-a22b|Qwen3-VL 235B-A22B|131072/32768|it32768|pi
qwen3-vl-235b-a22b|Qwen3-VL 235B-A22B|131072/32768|it|pc
qwen3-vl-30b-a3b|Qwen3-VL 30B-A3B|131072/32768|it32768|pi
qwen3-vl-30b-a3b|Qwen3-VL 30B-A3B|131072/32768|it|pc
qwen3-vl-plus|Qwen3-VL Plus|262144/32768|iT81920|pi pc
qwen3.5-122b-a10b|Qwen3.5 122B-A10B|262144/65536|ivT32768|pi
qwen3.5-27b|Qwen3.5 27B|262144/65536|ivT32768|pi
qwen3.5-35b-a3b|Qwen3.5 35B-A3B|262144/65536|ivT32768|pi
qwen3.5-397b-a17b|Qwen3.5 397B-A17B|262144/65536|ivT81920|pi pc
qwen3.5-flash|Qwen3.5 Flash|1000000/65536|ivrT81920|pc
qwen3.5-plus|Qwen3.5 Plus|1000000/65536|iT|cc
qwen3.5-plus|Qwen3.5 Plus|1000000/65536|ivT81920|pi
qwen3.5-plus|Qwen3.5 Plus|1000000/65536|ivT|ci
qwen3.5-plus|Qwen3.5 Plus|1000000/65536|ivrT81920|pc
qwen3.6-27b|Qwen3.6 27B|262144/65536|ivT32768|pi
qwen3.6-35b-a3b|Qwen3.6 35B-A3B|262144/65536|ivT32768|pi
qwen3.6-flash|Qwen3.6 Flash|1000000/65536|ivT131072|pi pc
qwen3.6-flash|Qwen3.6 Flash|1000000/65536|ivT|ci cc
qwen3.6-flash|Qwen3.6 Flash|1000000/65536|ivrT131072|ti tc
qwen3.6-max-preview|Qwen3.6 Max Preview|245800/65536|T131072|pc
qwen3.6-max-preview|Qwen3.6 Max Preview|262144/65536|T131072|pi
qwen3.6-plus|Qwen3.6 Plus|1000000/65536|ivT81920|pi pc
qwen3.6-plus|Qwen3.6 Plus|1000000/65536|ivT|ci cc
qwen3.6-plus|Qwen3.6 Plus|1000000/65536|ivrT131072|ti tc
qwen3.7-flash|Qwen3.7 Flash|1000000/65536/991000|ivT262144|pc
qwen3.7-max|Qwen3.7 Max|1000000/131072|T262144|pi
qwen3.7-max|Qwen3.7 Max|1000000/131072|rT262144|ti tc
qwen3.7-max|Qwen3.7 Max|1000000/65536|T262144|pc
qwen3.7-max|Qwen3.7 Max|1000000/65536|T|ci cc
qwen3.7-plus|Qwen3.7 Plus|1000000/131072|ivT262144|pi
qwen3.7-plus|Qwen3.7 Plus|1000000/64000|ivT262144|pc
qwen3.7-plus|Qwen3.7 Plus|1000000/64000|ivT|ci cc
qwen3.7-plus|Qwen3.7 Plus|1000000/65536|ivrT262144|ti tc
qwen3.8-flash|Qwen3.8 Flash|1000000/131072|ivrT262144:low,medium,xhigh|pi pc ti tc
qwen3.8-max|Qwen3.8 Max|1000000/131072|ivprT262144:low,medium,xhigh|pi pc ti tc
qwq-32b|QwQ 32B|131072/8192|t|pc
qwq-plus|QwQ Plus|131072/8192|t|pi pc
siliconflow/deepseek-r1-0528|siliconflow/deepseek-r1-0528|163840/32768|t|pc
siliconflow/deepseek-v3-0324|siliconflow/deepseek-v3-0324|163840/163840||pc
siliconflow/deepseek-v3.1-terminus|siliconflow/deepseek-v3.1-terminus|163840/65536|T|pc
siliconflow/deepseek-v3.2|siliconflow/deepseek-v3.2|163840/65536|T|pc
`
