"""DICOM for make-files.py, which runs this with its own names."""
SYNTAX = {
    'implicit': '1.2.840.10008.1.2',
    'explicit': '1.2.840.10008.1.2.1',
    'deflated': '1.2.840.10008.1.2.1.99',
    'big': '1.2.840.10008.1.2.2',
    'RLE': '1.2.840.10008.1.2.5',
    'deflated frames': '1.2.840.10008.1.2.8.1',
    'JPEG': '1.2.840.10008.1.2.4.50',
    'JPEG 12': '1.2.840.10008.1.2.4.51',
    'JPEG lossless': '1.2.840.10008.1.2.4.70',
    'JPEG-LS': '1.2.840.10008.1.2.4.80',
    'JPEG 2000': '1.2.840.10008.1.2.4.90',
    'HTJ2K': '1.2.840.10008.1.2.4.201',
}
UID_ROOT = '1.2.826.0.1.3680043.10.1'


def dicom(pixels, z=0.0, n=1, syntax='explicit', photometric=None, stored=None, iop=(1, 0, 0, 0, 1, 0), position=None, **more):
    samples = 3 if pixels.ndim == 3 and pixels.shape[-1] == 3 else 1
    ds, meta = Dataset(), FileMetaDataset()
    meta.MediaStorageSOPClassUID = ds.SOPClassUID = UID('1.2.840.10008.5.1.4.1.1.2')
    meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = UID(f'{UID_ROOT}.9.{n}')
    meta.TransferSyntaxUID, ds.file_meta = UID(SYNTAX[syntax]), meta
    ds.Modality, ds.PatientID, ds.PatientName = 'CT', 'P1', 'Nobody'
    ds.StudyInstanceUID, ds.SeriesInstanceUID = f'{UID_ROOT}.1', f'{UID_ROOT}.2'
    ds.InstanceNumber = n
    if position is not False:
        ds.ImagePositionPatient = [float(v) for v in (position if position is not None else (-10, -20, z))]
        ds.ImageOrientationPatient = list(map(float, iop))
    ds.PixelSpacing, ds.SliceThickness = [0.8, 0.7], 2.0
    ds.Rows, ds.Columns = pixels.shape[:2]
    ds.SamplesPerPixel = samples
    ds.PhotometricInterpretation = photometric or ('RGB' if samples == 3 else 'MONOCHROME2')
    if samples == 3:
        ds.PlanarConfiguration = 0
    ds.BitsAllocated = 8 * pixels.dtype.itemsize
    ds.BitsStored = stored or ds.BitsAllocated
    ds.HighBit, ds.PixelRepresentation = ds.BitsStored - 1, int(pixels.dtype.kind == 'i')
    native = syntax in ('implicit', 'explicit', 'deflated', 'big')
    frame = pixels.astype(pixels.dtype.newbyteorder('>' if syntax == 'big' else '<')).tobytes()
    if native:
        ds.PixelData = frame + b'\0' * (len(frame) % 2)
        ds['PixelData'].VR = 'OB' if ds.BitsAllocated == 8 and syntax != 'implicit' else 'OW'
    else:
        coded = {
            'deflated frames': lambda: zlib.compress(frame)[2:-4],
            'JPEG': lambda: imagecodecs.jpeg8_encode(pixels, level=90),
            'JPEG lossless': lambda: imagecodecs.ljpeg_encode(pixels),
            'JPEG-LS': lambda: imagecodecs.jpegls_encode(pixels.view(pixels.dtype.str.replace('i', 'u'))),
            'JPEG 2000': lambda: imagecodecs.jpeg2k_encode(pixels, codecformat='j2k', level=0, reversible=True, mct=False),
            'RLE': lambda: b'',
            'HTJ2K': lambda: b'\xff\x4f\xff\x51',
        }[syntax]()
        if syntax != 'RLE':
            ds.PixelData = encapsulate([coded])
            ds['PixelData'].VR = 'OB'
    for key, value in more.items():
        setattr(ds, key, value)
    if syntax == 'RLE':
        ds.file_meta.TransferSyntaxUID = UID(SYNTAX['explicit'])
        ds.PixelData = frame + b'\0' * (len(frame) % 2)
        ds['PixelData'].VR = 'OB' if ds.BitsAllocated == 8 else 'OW'
        ds.compress(UID(SYNTAX['RLE']))
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID
    return ds


def save(ds, file):
    deflated, other = SYNTAX['deflated frames'], SYNTAX['JPEG 2000']
    unknown = ds.file_meta.TransferSyntaxUID == deflated
    if unknown:
        # pydicom does not know it: saved under a name of the same length.
        ds.file_meta.TransferSyntaxUID = UID(other)
    ds.save_as(path(file), enforce_file_format=True)
    if unknown:
        saved = open(path(file), 'rb').read()
        open(path(file), 'wb').write(saved.replace(other.encode(), deflated.encode() + b'\0'))
    return file


def read_pixels(file, decoded=None):
    ds = pydicom.dcmread(path(file))
    array = ds.pixel_array if decoded is None else decoded
    if 'ModalityLUTSequence' in ds:
        from pydicom.pixels import apply_modality_lut
        return apply_modality_lut(array, ds)
    return apply_rescale(array, ds)


def in_order(arrays):
    """Slices of rows × columns (× samples) → i, j, k, channel."""
    stack = np.stack(arrays)
    return stack.ravel() if stack.ndim == 3 else np.moveaxis(stack, -1, 0).ravel()


def grid(position=(-10, -20, 0), iop=(1, 0, 0, 0, 1, 0), dz=2.0):
    x, y = np.array(iop[:3], float), np.array(iop[3:], float)
    m = np.eye(4)
    m[:3, 0], m[:3, 1], m[:3, 2], m[:3, 3] = x * 0.7, y * 0.8, np.cross(x, y) * dz, position
    return m


def single(name, ds, decoded=None):
    file = save(ds, 'dicom/' + ''.join(c if c.isalnum() else '-' for c in name) + '.dcm')
    array = read_pixels(file, decoded)
    add(name, file, in_order([array]), (ds.Columns, ds.Rows, 1), array.shape[2] if array.ndim == 3 else 1, grid())


def spread(dtype, stored, shape, seed):
    info = np.iinfo(dtype)
    bits = stored or info.bits
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if info.min < 0 else (0, 2**bits - 1)
    values = np.random.default_rng(seed).integers(low, high, shape, endpoint=True)
    values.flat[:3] = [low, high, 0]
    return values.astype(dtype)


KINDS = [('u1', None), ('i1', None), ('u2', None), ('i2', None), ('u2', 12), ('i2', 12), ('u4', None), ('i4', None)]
for n, ((dtype, stored), syntax) in enumerate(itertools.product(KINDS, ['implicit', 'explicit', 'deflated', 'big', 'RLE'])):
    if syntax == 'RLE' and dtype in ('u4', 'i4'):
        continue
    single(f'DICOM {dtype} {stored or "all"} bits {syntax}', dicom(spread(dtype, stored, (5, 4), n), stored=stored, syntax=syntax))
for n, (dtype, syntax) in enumerate(itertools.product(['u1', 'u2'], ['explicit', 'big', 'RLE', 'implicit', 'deflated'])):
    single(f'DICOM RGB {dtype} {syntax}', dicom(numbers(dtype, (5, 4, 3), n), syntax=syntax))
for n, (dtype, stored) in enumerate([('u1', None), ('u2', None), ('u2', 12)]):
    pixels = spread(dtype, stored, (16, 12), n)
    for syntax in ['deflated frames', 'JPEG lossless', 'JPEG-LS', 'JPEG 2000']:
        if stored and syntax != 'deflated frames':
            continue
        decoded = {'deflated frames': lambda c: pixels, 'JPEG lossless': imagecodecs.ljpeg_decode, 'JPEG-LS': imagecodecs.jpegls_decode, 'JPEG 2000': imagecodecs.jpeg2k_decode}[syntax]
        ds = dicom(pixels, syntax=syntax, stored=stored)
        coded = next(pydicom.encaps.generate_frames(ds.PixelData, number_of_frames=1))
        single(f'DICOM {dtype} {stored or "all"} bits {syntax}', ds, decoded(coded))
smooth = (np.add.outer(np.arange(16), np.arange(16)) * 8).astype('u1')
ds = dicom(smooth, syntax='JPEG')
single('DICOM JPEG', ds)
single('DICOM RGB JPEG 2000', dicom(numbers('u1', (16, 12, 3), 3), syntax='JPEG 2000'))
ybr = np.stack([smooth, 255 - smooth, np.full_like(smooth, 90)], -1)
single('DICOM YBR_FULL', dicom(ybr, photometric='YBR_FULL'))
planar_rgb = dicom(numbers('u1', (5, 4, 3), 3))
planar_rgb.PixelData, planar_rgb.PlanarConfiguration = np.moveaxis(numbers('u1', (5, 4, 3), 3), -1, 0).tobytes(), 1
single('DICOM RGB in planes', planar_rgb)
half = dicom(ybr, photometric='YBR_FULL_422')
half.PixelData = b''.join(bytes([int(smooth[r, c]), int(smooth[r, c + 1]), 100, 150]) for r in range(16) for c in range(0, 16, 2))
single('DICOM YBR_FULL_422', half)
palette = dicom(np.arange(20, dtype='u1').reshape(5, 4), photometric='PALETTE COLOR')
for colour in ('Red', 'Green', 'Blue'):
    setattr(palette, f'{colour}PaletteColorLookupTableDescriptor', [20, 0, 16])
    setattr(palette, f'{colour}PaletteColorLookupTableData', np.arange(20, dtype='u2').tobytes())
single('DICOM palette', palette)
single('DICOM MONOCHROME1', dicom(numbers('u2', (5, 4), 3), photometric='MONOCHROME1'))
for slope, inter in [(1, -1024), (2, 0), (0.5, -3.25), (1e-3, 0)]:
    for dtype in ('u2', 'i2'):
        single(f'DICOM {dtype} rescaled by {slope} and {inter}', dicom(numbers(dtype, (5, 4), 3), RescaleSlope=slope, RescaleIntercept=inter))
lut = Dataset()
lut.LUTDescriptor, lut.ModalityLUTType = [4, 2, 16], 'HU'
lut.LUTData = np.array([100, 700, 50, 9], 'u2').tobytes()
lut['LUTData'].VR = 'OW'
single('DICOM with a modality lookup table', dicom((np.arange(20) % 8).astype('u2').reshape(5, 4), ModalityLUTSequence=[lut]))
signed = Dataset()
signed.add_new(0x00283002, 'SS', [4, -2, 16])
signed.ModalityLUTType = 'HU'
signed.add_new(0x00283006, 'OW', np.array([100, 700, 50, 9], 'u2').tobytes())
single('DICOM with a modality lookup table from -2 on', dicom((np.arange(20) % 8 - 4).astype('i2').reshape(5, 4), ModalityLUTSequence=[signed]))
floats = dicom(numbers('u4', (5, 4), 3))
del floats.PixelData
floats.FloatPixelData = numbers('f4', (5, 4), 4).tobytes()
single('DICOM of floats', floats)


def series(name, zs, refused=None, uids=None, iops=None, shapes=None, positions=None, reverse=False, **more):
    folder = 'dicom/' + ''.join(c if c.isalnum() else '-' for c in name)
    files, arrays = [], []
    for n, z in enumerate(zs):
        pixels = spread('u2', 12, shapes[n] if shapes else (5, 4), 50 + n)
        extra = {k: (v[n] if isinstance(v, list) else v) for k, v in more.items()}
        ds = dicom(pixels, z, n + 1, iop=iops[n] if iops else (1, 0, 0, 0, 1, 0), position=positions[n] if positions else None, stored=12, **extra)
        files.append(save(ds, f'{folder}/{len(zs) - n if reverse else n:03d}.dcm'))
        arrays.append(read_pixels(files[-1]))
    if refused:
        add(name, folder, refused=refused, files=files)
    else:
        order = np.argsort([np.dot(p, np.cross(iops[0][:3], iops[0][3:])) for p in positions]) if positions else np.argsort(zs)
        first = positions[order[0]] if positions else (-10, -20, min(zs))
        add(name, folder, in_order([arrays[k] for k in order]), (4, 5, len(zs)), 1, grid(first, iops[0] if iops else (1, 0, 0, 0, 1, 0)), files=files)


series('DICOM series', [0, 2, 4])
series('DICOM series in another order', [4, 0, 2])
series('DICOM series named backwards', [0, 2, 4], reverse=True)
series('DICOM series with slopes of its own in each slice', [0, 2, 4], RescaleSlope=[0.5, 2.5, 4.1], RescaleIntercept=[0, 0, -7])
series('DICOM series whose first slope is whole', [0, 2, 4], RescaleSlope=[1, 2.5, 0.37], RescaleIntercept=[0, 0, 0])
series('DICOM series with intercepts of its own in each slice', [0, 2, 4], RescaleSlope=[1, 1, 1], RescaleIntercept=[-1024, -1000, 50])
for syntax in ['implicit', 'big', 'deflated', 'RLE']:
    series(f'DICOM series {syntax}', [0, 2, 4], syntax=syntax)
coronal, sagittal = (1, 0, 0, 0, 0, -1), (0, 1, 0, 0, 0, -1)
tilted = tuple(np.round([math.cos(0.3), math.sin(0.3), 0, -math.sin(0.3) * math.cos(0.2), math.cos(0.3) * math.cos(0.2), math.sin(0.2)], 10))
for name, iop in [('coronal', coronal), ('sagittal', sagittal), ('oblique', tilted)]:
    normal = np.cross(iop[:3], iop[3:])
    series(f'DICOM series {name}', [0, 1, 2], iops=[iop] * 3, positions=[tuple(np.round(np.array([5, -6, 7]) + 2 * k * normal, 8)) for k in range(3)])
series('DICOM series without a slice', [0, 2, 4, 8, 10], refused=r'002\.dcm and 003\.dcm are 4 mm apart, others 2 mm; 1 missing')
series('DICOM series with a slice twice', [0, 2, 2, 4], refused=r'4 slices at 3 places: 001\.dcm and 002\.dcm')
series('DICOM series of two times', [0, 2, 0, 2], TemporalPositionIdentifier=[1, 1, 2, 2], refused='TemporalPositionIdentifier 1, 2')
series('DICOM series of magnitude and phase', [0, 2, 0, 2], ImageType=[['ORIGINAL', 'PRIMARY', 'M'], ['ORIGINAL', 'PRIMARY', 'M'], ['ORIGINAL', 'PRIMARY', 'P'], ['ORIGINAL', 'PRIMARY', 'P']], refused='they differ in ImageType')
series('DICOM series of uneven slices', [0, 1, 3, 7], refused='its slices are not evenly spaced')
series('DICOM series with a localizer', [0, 2, 4], iops=[sagittal, (1, 0, 0, 0, 1, 0), (1, 0, 0, 0, 1, 0)], refused=r'000\.dcm and 001\.dcm have different orientations')
series('DICOM series with a slice of another size', [0, 2, 4], shapes=[(5, 4), (5, 4), (4, 4)], refused=r'4 × 5 and 4 × 4 pixels')
series('DICOM series of a tilted gantry', [0, 2, 4], iops=[(1, 0, 0, 0, 1, 0)] * 3, positions=[(-10, -20 + 0.5 * k, 2 * k) for k in range(3)], refused='shifted against each other by 14')
series('DICOM of two series', [0, 2], SeriesInstanceUID=[f'{UID_ROOT}.2', f'{UID_ROOT}.3'], refused='the folder holds 2 series')
series('DICOM slices without positions', [0, 2], positions=[False, False], refused='have no positions')
series('DICOM mosaic', [0], ImageType=[['ORIGINAL', 'PRIMARY', 'MOSAIC']], refused='it is a mosaic')
cine = dicom(numbers('u1', (5, 4), 3))
cine.NumberOfFrames, cine.PixelData = 3, numbers('u1', (3, 5, 4), 3).tobytes()
add('DICOM film', save(cine, 'dicom/film.dcm'), refused='its 3 frames have no positions')
add('DICOM HTJ2K', save(dicom(numbers('u2', (5, 4)), syntax='HTJ2K'), 'dicom/ht.dcm'), refused='High-Throughput JPEG 2000')
plan = dicom(numbers('u2', (5, 4)))
for tag in ('PixelData', 'Rows', 'Columns'):
    del plan[tag]
plan.Modality = 'RTPLAN'
add('DICOM plan', save(plan, 'dicom/plan.dcm'), refused='DICOM of modality RTPLAN without pixels')
high = dicom(numbers('u2', (5, 4)), stored=12)
high.HighBit = 15
add('DICOM with an old high bit', save(high, 'dicom/high.dcm'), refused='end at bit 15')


def enhanced(order, marks=None):
    pixels = spread('u2', 12, (len(order), 5, 4), 77)
    ds = dicom(pixels[0], stored=12, position=False)
    ds.NumberOfFrames, ds.PixelData = len(order), pixels.astype('<u2').tobytes()
    shared, per = Dataset(), []
    shared.PlaneOrientationSequence, shared.PixelMeasuresSequence = [Dataset()], [Dataset()]
    shared.PlaneOrientationSequence[0].ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    shared.PixelMeasuresSequence[0].PixelSpacing = [0.8, 0.7]
    ds.SharedFunctionalGroupsSequence = [shared]
    for k, z in enumerate(order):
        group = Dataset()
        group.PlanePositionSequence, group.PixelValueTransformationSequence, group.FrameContentSequence = [Dataset()], [Dataset()], [Dataset()]
        group.PlanePositionSequence[0].ImagePositionPatient = [-10, -20, z]
        group.PixelValueTransformationSequence[0].RescaleSlope, group.PixelValueTransformationSequence[0].RescaleIntercept = 1.5 + k, -3
        group.FrameContentSequence[0].TemporalPositionIndex = marks[k] if marks else 1
        per.append(group)
    ds.PerFrameFunctionalGroupsSequence = per
    del ds.PixelSpacing
    return ds, pixels


ds, pixels = enhanced([4.0, 0.0, 2.0])
file = save(ds, 'dicom/enhanced.dcm')
array = pydicom.dcmread(path(file)).pixel_array
scaled = [array[k] * (1.5 + k) - 3 for k in range(3)]
add('DICOM of many frames, shuffled', file, in_order([scaled[k] for k in (1, 2, 0)]), (4, 5, 3), 1, grid())
add('DICOM of many frames and two times', save(enhanced([0.0, 2.0, 0.0, 2.0], [1, 1, 2, 2])[0], 'dicom/enhanced4d.dcm'), refused='TemporalPositionIndex 1, 2')


def segmentation(frames, kind='BINARY'):
    """Frames of (segment, z, mask)."""
    ds = dicom(np.zeros((5, 4), 'u1'), position=False)
    ds.Modality, ds.SegmentationType = 'SEG', kind
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = UID('1.2.840.10008.5.1.4.1.1.66.4')
    ds.NumberOfFrames = len(frames)
    if kind == 'BINARY':
        ds.BitsAllocated, ds.BitsStored, ds.HighBit = 1, 1, 0
        bits = np.packbits(np.concatenate([mask.ravel() for _, _, mask in frames]), bitorder='little').tobytes()
    else:
        bits = b''.join(mask.astype('u1').tobytes() for _, _, mask in frames)
    ds.PixelData = bits + b'\0' * (len(bits) % 2)
    ds['PixelData'].VR = 'OB'
    shared = Dataset()
    shared.PlaneOrientationSequence, shared.PixelMeasuresSequence = [Dataset()], [Dataset()]
    shared.PlaneOrientationSequence[0].ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    shared.PixelMeasuresSequence[0].PixelSpacing, shared.PixelMeasuresSequence[0].SliceThickness = [0.8, 0.7], 2
    ds.SharedFunctionalGroupsSequence, ds.PerFrameFunctionalGroupsSequence, ds.SegmentSequence = [shared], [], []
    for number in sorted({s for s, _, _ in frames if s}):
        segment = Dataset()
        segment.SegmentNumber, segment.SegmentLabel = number, f'part {number}'
        ds.SegmentSequence.append(segment)
    for number, z, _ in frames:
        group = Dataset()
        group.PlanePositionSequence = [Dataset()]
        group.PlanePositionSequence[0].ImagePositionPatient = [-10, -20, z]
        if number:
            group.SegmentIdentificationSequence = [Dataset()]
            group.SegmentIdentificationSequence[0].ReferencedSegmentNumber = number
        ds.PerFrameFunctionalGroupsSequence.append(group)
    return ds


a, b = np.zeros((5, 4), 'u1'), np.zeros((5, 4), 'u1')
a[1:3, 1:3], b[3:, 2:] = 1, 1
truth = np.zeros((4, 5, 4))
truth[0], truth[1], truth[3] = a, a + 2 * b, 2 * b
add('DICOM SEG that leaves a slice out', save(segmentation([(1, 0.0, a), (1, 2.0, a), (2, 2.0, b), (2, 6.0, b)]), 'dicom/seg.dcm'), truth, (4, 5, 4), 1, grid())
add('DICOM SEG of overlapping segments', save(segmentation([(1, 0.0, a), (2, 0.0, a)]), 'dicom/seg-overlap.dcm'), refused=r'segments 1 \(part 1\) and 2 \(part 2\) overlap in 4 voxels')
add('DICOM SEG of fractions', save(segmentation([(1, 0.0, 200 * a)], 'FRACTIONAL'), 'dicom/seg-fraction.dcm'), refused='it is a fractional segmentation')
add('DICOM SEG label map', save(segmentation([(0, 0.0, 7 * a), (0, 2.0, 3 * b)], 'LABELMAP'), 'dicom/seg-map.dcm'), np.stack([7 * a, 3 * b]), (4, 5, 2), 1, grid())
