FATE_AFILTER-$(call FILTERDEMDECENCMUX, PERCEPNET ARESAMPLE ATRIM, WAV, PCM_S16LE, PCM_S16LE, WAV) += fate-filter-percepnet
fate-filter-percepnet: tests/data/asynth-48000-2.wav
fate-filter-percepnet: SRC = $(TARGET_PATH)/tests/data/asynth-48000-2.wav
fate-filter-percepnet: CMD = framecrc -i $(SRC) -af aresample,atrim=start_sample=1000:end_sample=6137,percepnet=output=bypass,aresample
